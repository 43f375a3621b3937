"""How right a split address is, by the rules of the labelled addresses beside this file.

A record has ``text``, the ``fields`` that must be read, ``optional`` ones that may be, and where it is read with a home city,
``context`` and ``assumed``. A list of values means that any of them is right. Case, ё, quotation marks, dots and the
order of a street's words do not count; types may be short or in full.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addons.delivery.address import FIELDS, parse

HERE = Path(__file__).parent
Record = dict[str, Any]

CRITICAL = frozenset(
    ["region", "area", "city", "settlement", "territory", "street", "house", "block", "structure", "stead", "flat"]
)
"""A wrong value here sends the courier to the wrong door."""

_UNITS = frozenset(
    [
        "postal_code",
        "postal_box",
        "km",
        "house",
        "block",
        "structure",
        "letter",
        "stead",
        "entrance",
        "floor",
        "flat",
        "room",
        "intercom",
    ]
)
_UNORDERED = frozenset(("street", "territory", "metro", "sub_area"))
_LATIN = str.maketrans("ABCEHKMOPTXYaceopxykmhtb", "АВСЕНКМОРТХУасеорхукмнтв")
_QUOTES = re.compile("[\"'`«»„“”()]")
_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")
_ORDINAL = re.compile(r"(\d+)-?(?:ый|ий|ой|й|ая|яя|я|ое|ее|е|го|ые|х)")
_SAME = {
    "санкт-петербург": "петербург",
    "российская федерация": "россия",
    "сельсовет": "с/о",
    "вл": "владение",
}


def load(name: str) -> list[Record]:
    """The records of a file beside this one."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line]


def plain(name: str, value: object) -> str:
    """A value for comparison."""
    text = _DASH.sub("-", _QUOTES.sub(" ", str(value).replace("ё", "е").replace("Ё", "Е").replace("\u200b", " ")))
    if name in _UNITS:
        text = re.sub(r"[\s.№]", "", text.translate(_LATIN).upper())
        return re.sub(r"(?<=\d)-(?=[А-Я])", "", text)
    if name.endswith("_type"):
        return text.lower().strip(" .")
    if re.search("[а-яА-Я]", text):
        text = text.translate(_LATIN)
    words = [
        f"{found[1]}-й" if (found := _ORDINAL.fullmatch(word)) else word
        for word in re.sub(r"[.,№]", " ", text.lower()).split()
        if word not in ("им", "имени")
    ]
    joined = " ".join(sorted(words) if name in _UNORDERED else words)
    return _SAME.get(joined, joined)


def is_right(name: str, wanted: object, value: object) -> bool:
    """Whether a value is one of those wanted."""
    return any(plain(name, each) == plain(name, value) for each in (wanted if isinstance(wanted, list) else [wanted]))


def faults(record: Record, found: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with each field: ``missing``, ``wrong`` or ``extra``; remarks are not compared."""
    wanted, optional = record["fields"], record.get("optional", {})
    result = {}
    for name in FIELDS:
        value = found.get(name)
        if name == "comment":
            continue
        if name in wanted:
            if not value:
                result[name] = "missing"
            elif not is_right(name, wanted[name], value):
                result[name] = "wrong"
        elif value and not _is_allowed(name, value, wanted, optional):
            result[name] = "extra"
    return result


def _is_allowed(name: str, value: object, wanted: Record, optional: Record) -> bool:
    owner = name.removesuffix("_type")
    return (
        (name in optional and is_right(name, optional[name], value))
        or (name == "country" and value == "Россия")
        or (name == "city_type" and "city" in wanted)
        or (name != owner and owner in optional and owner not in wanted)
    )


@dataclass
class Score:
    """Figures of a set of records.

    :ivar total: how many; ``exact``: without a fault; ``astray``: with a wrong value that sends the courier astray.
    :ivar right: values that are right, of those ``wanted`` and of those ``given``.
    :ivar failed: the texts with faults.
    """

    total: int = 0
    exact: int = 0
    astray: int = 0
    right: int = 0
    wanted: int = 0
    given: int = 0
    failed: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall over all fields."""
        return 2 * self.right / (self.wanted + self.given)

    def share(self, count: int) -> float:
        """A count as a share of all records, from 0 to 1."""
        return count / self.total


def score(records: Sequence[Record]) -> Score:
    """Split every text, with its context where it has one, and compare."""
    result = Score()
    for record in records:
        found = parse(record["text"], record.get("context"))
        wrong = faults(record, found)
        if "context" in record and [name for name in found.assumed if name != "region"] != record.get("assumed", []):
            wrong["assumed"] = "wrong"
        kinds = list(wrong.values())
        needed = sum(name != "comment" for name in record["fields"])
        right = needed - kinds.count("missing") - kinds.count("wrong")
        result.total += 1
        result.exact += not wrong
        result.astray += any(name in CRITICAL and kind != "missing" for name, kind in wrong.items())
        result.right += right
        result.wanted += needed
        result.given += right + kinds.count("wrong") + kinds.count("extra")
        if wrong:
            result.failed.append((record["text"], wrong))
    return result
