"""Whether two names mean one client: spelling mistakes, either alphabet, a missing patronymic."""

from __future__ import annotations

from dataclasses import dataclass

from core import fold, neutral_pieces, rewrite

_LEGAL_FORMS = frozenset(
    ("ооо", "оао", "зао", "ао", "пао", "нао", "ип", "гуп", "муп", "фгуп", "фгбу", "гбу", "мбу", "llc", "ltd", "inc")
)
_ONE_MISTAKE, _TWO_MISTAKES = 5, 9
"""Letters a name needs before it may differ by one letter, and by two."""


@dataclass(frozen=True, slots=True)
class Name:
    """A client's name as it is compared; a company has its short name in ``last``."""

    last: str = ""
    first: str = ""
    middle: str = ""
    person: bool = True

    @classmethod
    def of(cls, legal_form: str, last: str, first: str, middle: str) -> Name:
        """The name of a client; of a company only its own, not its contact person's."""
        if legal_form == "person":
            return cls(_sound(last), _sound(first), _sound(middle))
        words = (word for word in fold(last).split() if word not in _LEGAL_FORMS)
        return cls(" ".join(sorted(map(_sound, words))), person=False)

    @property
    def telling(self) -> bool:
        """Whether there is enough of it to know somebody by."""
        return bool(self.last and self.first) if self.person else len(self.last) >= _ONE_MISTAKE

    def same(self, other: Name) -> bool:
        """Whether all that is known of both agrees, letter by letter."""
        return (self.last, self.first, self.middle, self.person) == (
            other.last,
            other.first,
            other.middle,
            other.person,
        )

    def like(self, other: Name) -> bool:
        """Whether the two can be one client: no part contradicts the other's, but for a mistyped letter."""
        if self.person != other.person:
            return False
        if not self.person:
            return _close(self.last, other.last)
        if self._of_a_couple(other):
            return False
        return _agree(self.last, other.last) and _agree(self.first, other.first) and _agree(self.middle, other.middle)

    def _of_a_couple(self, other: Name) -> bool:
        """«Иванов Александр» and «Иванова Александра» are two people."""
        shorter, longer = sorted((self.last, other.last), key=len)
        return longer == shorter + "a" and self.first != other.first


def _sound(text: str) -> str:
    return rewrite(fold(text), neutral_pieces)


def _agree(one: str, other: str) -> bool:
    """A missing part contradicts nothing; an initial stands for any name that begins with it."""
    if not one or not other:
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return _close(one, other)


def _close(one: str, other: str) -> bool:
    shortest = min(len(one), len(other))
    allowed = 2 if shortest >= _TWO_MISTAKES else 1 if shortest >= _ONE_MISTAKE else 0
    from rapidfuzz.distance import OSA  # its machine code for all kinds of distances is 3 MB, for a rare question

    return OSA.distance(one, other, score_cutoff=allowed) <= allowed
