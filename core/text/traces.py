"""A text's folded and rewritten forms with the way back, so that a match in a form can be shown in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.text.letters import Piece, Rewriting, fold_pieces

Selection = Callable[[str], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Trace:
    """A form of a text, and where in the text what each of its characters stands for begins and ends."""

    form: str
    starts: list[int]
    ends: list[int]

    def rewritten(self, rewriting: Rewriting) -> Trace:
        """The trace of each word rewritten."""
        return _traced(_word_by_word(self.form, rewriting), self.starts, self.ends)._kept(_single_spaces)

    def without_spaces(self) -> Trace:
        """The trace of a plate or VIN in one piece."""
        return self._kept(lambda form: (at for at, char in enumerate(form) if char != " "))

    def digits(self) -> Trace:
        """The trace of the digits alone."""
        return self._kept(lambda form: (at for at, char in enumerate(form) if char.isdecimal()))

    def spans(self, reading: str) -> list[tuple[int, int]]:
        """Where the text says the reading: at the beginnings of words if anywhere there, else in the middles."""
        found = list(_occurrences(self.form, reading))
        at_words = [at for at in found if at == 0 or self.form[at - 1] == " "]
        return [(self.starts[at], self.ends[at + len(reading) - 1]) for at in at_words or found]

    def _kept(self, choose: Selection) -> Trace:
        kept = list(choose(self.form))
        form = "".join(self.form[at] for at in kept)
        return Trace(form, [self.starts[at] for at in kept], [self.ends[at] for at in kept])


def fold_trace(text: str) -> Trace:
    """The trace of the folded text."""
    places = range(len(text) + 1)
    return _traced(fold_pieces(text), places, places[1:])._kept(_single_spaces)


def _word_by_word(form: str, rewriting: Rewriting) -> Iterator[Piece]:
    for number, word in enumerate(form.split(" ")):
        if number:
            yield " ", 1
        yield from rewriting(word)


def _traced(pieces: Iterable[Piece], starts: Sequence[int], ends: Sequence[int]) -> Trace:
    """The trace of pieces written for a source whose characters have these places in the text.

    What is written for nothing (ь, a mark, a doubled letter) belongs to the character before it.
    """
    form: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = 0
    for written, length in pieces:
        begin, at = at, at + length
        if not written and form and form[-1] != " ":
            new_ends[-1] = ends[at - 1]
        form += written
        new_starts += [starts[begin]] * len(written)
        new_ends += [ends[at - 1]] * len(written)
    return Trace("".join(form), new_starts, new_ends)


def _single_spaces(form: str) -> Iterator[int]:
    for at, char in enumerate(form):
        if char != " " or (at and form[at - 1] != " "):
            yield at


def _occurrences(form: str, reading: str) -> Iterator[int]:
    at = form.find(reading) if reading else -1
    while at >= 0:
        yield at
        at = form.find(reading, at + len(reading))
