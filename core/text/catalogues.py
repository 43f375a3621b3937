"""Catalogues of words: what a ``.po`` file says, without its comments.

Babel reads all of such a file; that takes several times as long, at each start, and with what it imports 2 MB.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog

log = structlog.get_logger("forecourt.text")

Texts = dict[str | tuple[str, int], str]
"""Translations by msgid; of a plural by msgid and the number of its form."""

_LINE = re.compile(r'(?:(msg\w+(?:\[\d+\])?)\s+)?"(.*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_PLURAL = re.compile(r"plural\s*=\s*([^;\n]+)")


class Catalogue(gettext.GNUTranslations):
    """Translations of one language out of several files; of two for one msgid the first stays.

    Which number takes which plural form is said by the first file too: an addon's header changes nobody else's.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        super().__init__()
        self._catalog: Texts = {}
        rule = None
        for file in files:
            texts = _texts_of(file)
            header = texts.pop("", "")
            rule = rule or _PLURAL.search(header)
            self._catalog = texts | self._catalog
        self.plural = gettext.c2py(rule[1] if rule else "n != 1")

    @property
    def texts(self) -> Texts:
        """All translations."""
        return self._catalog


def _texts_of(file: Path) -> Texts:
    """The translations of a file; one that cannot be read costs its addon its words, and nobody else anything (SEC-59)."""
    try:
        return read_texts(file)
    except (OSError, ValueError, KeyError) as error:
        log.error("catalogue left out", file=str(file), reason=f"{type(error).__name__}: {error}")
        return {}


def read_texts(file: Path) -> Texts:
    """The translations of a file, its header under the empty msgid; what is fuzzy or not translated is left out."""
    texts: Texts = {}
    for entry in _entries(file.read_text(encoding="utf-8").split("\n")):
        if "msgctxt" in entry:
            continue  # nobody asks with a context
        for name, text in entry.items():
            if not text or not name.startswith("msgstr"):
                continue
            if name == "msgstr":
                texts[entry["msgid"]] = text
            else:
                texts[entry["msgid"], int(name[7:-1])] = text
    return texts


def _entries(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """What each entry has under ``msgid``, ``msgid_plural``, ``msgstr``, ``msgstr[0]`` …"""
    entry: dict[str, str] = {}
    name, fuzzy, next_is_fuzzy = "", False, False
    for line in map(str.strip, lines):
        if line.startswith("#,") and "fuzzy" in line:
            next_is_fuzzy = True
        if line.startswith("#~"):
            next_is_fuzzy = False  # it was said of an entry that is gone
        part = _LINE.match(line)
        if part is None:
            continue
        if part[1] == "msgctxt" or (part[1] == "msgid" and name != "msgctxt"):
            if not fuzzy:
                yield entry
            entry, fuzzy, next_is_fuzzy = {}, next_is_fuzzy, False
        name = part[1] or name
        entry[name] = entry.get(name, "") + _ESCAPE.sub(_unescaped, part[2])
    if not fuzzy:
        yield entry


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])
