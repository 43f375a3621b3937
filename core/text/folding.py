"""Find a name, a plate or a VIN however it was typed: either alphabet, either keyboard layout (S2-27, S2-28, S2-32).

The scheme. A record stores one text, :func:`search_key`, with every name in up to three forms: folded as written,
spelled in Latin letters, and in the *neutral* form in which both alphabets meet («Шкода» and «Škoda» are both
``skoda``). A query is read in at most six ways, :func:`variants`: as typed, from the other keyboard layout, and both
of these rewritten in the other alphabet. A record is found if a variant is a part of its key, as plain text.

Why the work is on both sides. The neutral form alone would do for whole words, and only it lets a Latin record be
found in Cyrillic. But Latin needs two letters for one sound, so a word cut short while it is typed (``c`` of ``ch``)
has another neutral form than its beginning has; the two exact forms in the key keep every beginning and every middle
findable in the record's own alphabet and in its usual Latin spelling. Cyrillic is rewritten letter by letter, so
there any part of a word rewrites to a part of the rewritten word. Wrong layouts are resolved in the query only: a
key holding them would double in size and find nonsense.

A word with a digit is a code: its neutral form goes by the look of the letters, not by their sound, and what is a
whole plate or VIN is stored and searched without its spaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from core.text.letters import (
    all_look_alike,
    cyrillic_pieces,
    fold,
    has_digit,
    is_cyrillic,
    latin_pieces,
    neutral_pieces,
    rewrite,
    shape_pieces,
    swap_layout,
)
from core.text.phones import PhoneQuery, phone_query
from core.text.plates import normalise_vin, plate_being_typed
from core.text.traces import Trace, fold_trace

__all__ = [
    "corrected_layout",
    "fold",
    "highlight",
    "match_score",
    "search_key",
    "swap_layout",
    "terms",
    "variants",
]

MAX_QUERY = 100
"""Characters of a query that are read (SEC-36)."""

MAX_TERMS = 8
"""Words of a query that are read."""

MAX_VARIANTS = 6
_KEPT = 64
"""Readings of how many texts are remembered: one query is compared with every candidate."""

_PHONE_SCORE = 60
_MAX_HITS = 50


def search_key(*parts: str | None) -> str:
    """The text stored in a record's search column: all its names in all forms, ``иванов виктор ivanov viktor``.

    Give it names, plates, VINs and document numbers, each as a part of its own. Compare it with :func:`variants`.
    """
    folded = [form for form in map(fold, filter(None, parts)) if form]
    forms = dict.fromkeys(folded)
    for rewriting in (latin_pieces, neutral_pieces):
        forms.update(dict.fromkeys(rewrite(form, rewriting) for form in folded))
    forms.update(dict.fromkeys(code for form in folded if (code := _whole_code(form))))
    return " ".join(filter(None, forms))


@lru_cache(maxsize=_KEPT)
def variants(query: str) -> tuple[str, ...]:
    """The readings of a typed text, most likely first: folded, not empty, all different, at most six.

    As typed; from the other keyboard layout; in the other alphabet; from the other layout and in the other alphabet.
    """
    typed, swapped = _readings_as_typed(query), _readings_of_other_layout(query)
    likeliest = (*typed[:1], *swapped[:1], *typed[1:], *swapped[1:])
    return tuple(dict.fromkeys(likeliest))[:MAX_VARIANTS]


@lru_cache(maxsize=_KEPT)
def terms(query: str) -> tuple[tuple[str, ...], ...]:
    """The query's words, each with its variants: a record is found if every word is, whichever order they have.

    A plate or a VIN with spaces is one word.
    """
    query = query[:MAX_QUERY]
    words = [query] if _whole_code(fold(query)) or _whole_code(fold(swap_layout(query))) else query.split()
    return tuple(read for word in words[:MAX_TERMS] if (read := variants(word)))


def match_score(query: str, text: str) -> int:
    """How well a candidate's text answers a query, for ranking: 0 if a word is missing, 100 if as typed."""
    forms = _forms(text)
    whole = _best(variants(query), forms)
    if whole:
        return whole
    scores = [_best(term, forms) for term in terms(query)]
    if scores and all(scores):
        return sum(scores) // len(scores)
    return _PHONE_SCORE if _digit_spans(text, phone_query(query)) else 0


def corrected_layout(query: str, hits: Iterable[str]) -> str | None:
    """What was meant, for «Раскладка исправлена: иванов», if the hits were found only through the other layout.

    ``hits`` are names or search keys of what was found; the first fifty are looked at. None if nothing was corrected.
    """
    words = query[:MAX_QUERY].split()[:MAX_TERMS]
    corrected: str | None = None
    for hit in islice(hits, _MAX_HITS):
        read = _as_found(words, _forms(hit))
        if read == words:
            return None
        if read and corrected is None:
            corrected = " ".join(read)
    return corrected


def highlight(text: str, query: str) -> list[tuple[str, bool]]:
    """A found text in pieces, each with whether the query matched it, through whichever variant; joined they are it.

    Beginnings of words are marked if there are any, else the middles. Digits of a phone match through its separators.
    """
    asked = phone_query(query)
    if asked and asked.e164 and (spans := _digit_spans(text, asked)):
        return _cut(text, spans)
    traces = _traces(text)
    spans = [span for term in terms(query) for span in _first_spans(term, traces)]
    return _cut(text, spans or _digit_spans(text, asked))


def _readings_as_typed(query: str) -> tuple[str, ...]:
    """The folded query, then what it is in the other alphabet or as a code."""
    folded = fold(query[:MAX_QUERY])
    if any(map(is_cyrillic, folded)):
        rewritten = [rewrite(folded, latin_pieces), rewrite(folded, neutral_pieces)]
        rewritten += [rewrite(folded, shape_pieces)] if all_look_alike(folded) else []
    else:
        rewritten = [rewrite(folded, cyrillic_pieces), rewrite(folded, neutral_pieces)]
    return tuple(filter(None, dict.fromkeys((folded, _whole_code(folded) or "", *rewritten))))


def _readings_of_other_layout(query: str) -> tuple[str, ...]:
    """The same from the other layout; of its spellings only the neutral one, which every key has."""
    folded = fold(swap_layout(query[:MAX_QUERY]))
    rewritten = [_whole_code(folded) or rewrite(folded, neutral_pieces)]
    rewritten += [rewrite(folded, shape_pieces)] if all_look_alike(folded) else []
    return tuple(filter(None, dict.fromkeys((folded, *rewritten))))


def _whole_code(folded: str) -> str | None:
    """A plate (or its beginning) or a VIN that is the whole text, without its spaces; else None."""
    if not has_digit(folded) or folded.isdecimal():
        return None
    vin = normalise_vin(folded)
    code = vin.value if vin.valid else plate_being_typed(folded)
    return code.lower() if code else None


def _forms(text: str) -> tuple[str, ...]:
    """What a text is compared as: the forms its search key is made of."""
    folded = fold(text)
    rewritten = (rewrite(folded, latin_pieces), rewrite(folded, neutral_pieces), _whole_code(folded) or "")
    return tuple(filter(None, dict.fromkeys((folded, *rewritten))))


def _best(readings: Iterable[str], forms: tuple[str, ...]) -> int:
    """The best of the readings: a later, less likely one counts a little less, and so does another form."""
    return max(
        (
            score - 3 * rank - 2 * (number > 0)
            for rank, reading in enumerate(readings)
            for number, form in enumerate(forms)
            if (score := _score(reading, form))
        ),
        default=0,
    )


def _score(reading: str, form: str) -> int:
    if reading == form:
        return 100
    if form.startswith(reading):
        return 85 if form.startswith(reading + " ") else 75
    if " " + reading in form:
        return 60
    return 40 if reading in form else 0


def _as_found(words: list[str], forms: tuple[str, ...]) -> list[str] | None:
    """Each word as typed or in the other layout, whichever the forms contain; None if one is not there at all."""
    read = []
    for word in words:
        if _best(_readings_as_typed(word), forms):
            read.append(word)
        elif _best(_readings_of_other_layout(word), forms):
            read.append(swap_layout(word))
        else:
            return None
    return read


def _traces(text: str) -> list[Trace]:
    """The same forms, traced back to the text."""
    folded = fold_trace(text)
    traces = [folded, folded.rewritten(latin_pieces), folded.rewritten(neutral_pieces)]
    if _whole_code(folded.form):
        traces.append(folded.rewritten(shape_pieces).without_spaces())
    return traces


def _first_spans(readings: Iterable[str], traces: list[Trace]) -> list[tuple[int, int]]:
    """Where the likeliest reading that occurs at all is."""
    found = (spans for reading in readings for trace in traces if (spans := trace.spans(reading)))
    return next(found, [])


def _digit_spans(text: str, asked: PhoneQuery | None) -> list[tuple[int, int]]:
    if asked is None:
        return []
    whole = (asked.e164[1:], asked.e164[-10:]) if asked.e164 else ()
    return _first_spans((*whole, *asked.inside), [fold_trace(text).digits()])


def _cut(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]
