"""What a text typed into a search box may mean: words in all their readings, a whole phone number, or a part of one."""

from __future__ import annotations

from dataclasses import dataclass

from core.text.folding import terms
from core.text.phones import phone_query


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed text as it is looked for: every word in one of its readings, or one of the ``digits``, or the number."""

    words: tuple[tuple[str, ...], ...] = ()
    digits: tuple[str, ...] = ()
    e164: str = ""

    @property
    def ways(self) -> list[tuple[tuple[str, ...], ...]]:
        """The ways to find it by a part of a record's key, for a whole number by its digits."""
        parts = (*self.digits, *filter(None, [self.e164.removeprefix("+")]))
        return [*([self.words] if self.words else []), *(((part,),) for part in parts)]


def read_typed(text: str) -> Typed:
    """Read it. A whole phone number is nothing else, unless there are letters beside it (X-04)."""
    asked = phone_query(text)
    if asked is None:
        return Typed(_words(text))
    words = () if asked.e164 and not any(map(str.isalpha, text)) else _words(text)
    alone = set(words[0]) if len(words) == 1 else set()
    return Typed(words, tuple(digits for digits in asked.inside if digits not in alone), asked.e164 or "")


def _words(text: str) -> tuple[tuple[str, ...], ...]:
    """The words in their readings, without those of which one letter is left: they would find everybody."""
    return tuple(tuple(reading for reading in word if len(reading) > 1) or word[:1] for word in terms(text))
