"""The texts of core or of one addon: collected from its sources, compared with its catalogues (X-03)."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

MARK = "T"
KEYWORDS = ("_", "ngettext")
REFUSALS = {"Refusal", "Invalid", "Conflict", "Forbidden", "NotFound", "NotSignedIn", "TooMany", "StaleForm"}


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the first place it stands in; ``plural`` is empty for texts without one."""

    msgid: str
    plural: str
    place: str


def texts_of(folder: Path) -> dict[str, Found]:
    """Every text that people may read, by msgid: ``T("…")``, messages of refusals, and templates."""
    found: dict[str, Found] = {}
    for file in sorted(folder.rglob("*.py")):
        if "migrations" not in file.parts:
            for msgid, line in _in_python(file):
                found.setdefault(msgid, Found(msgid, "", f"{file.relative_to(folder)}:{line}"))
    for file in sorted(folder.rglob("*.html")):
        for text in _in_template(file, folder):
            found.setdefault(text.msgid, text)
    return found


def _in_python(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in {MARK, *REFUSALS}:
            for argument in node.args[:1] if _name(node.func) != "Invalid" else node.args[1:2]:
                text = _constant(argument)
                if text is not None:
                    yield text, node.lineno


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _in_template(file: Path, folder: Path) -> Iterator[Found]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for line, function, texts, _ in babel_extract(io.BytesIO(file.read_bytes()), KEYWORDS, [], options):
        literal = [text for text in ([texts] if isinstance(texts, str) else texts or ()) if text]
        first, second = (*literal, "", "")[:2]
        if first:
            yield Found(first, second if function == "ngettext" else "", f"{file.relative_to(folder)}:{line}")


def untranslated(folder: Path, language: str = "ru") -> list[Found]:
    """The texts of a folder that its own catalogue does not translate."""
    file = folder / "locale" / f"{language}.po"
    known = set()
    if file.exists():
        for message in read_catalogue(file):
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and all(texts):
                known.add(message.id[0] if isinstance(message.id, tuple) else message.id)
    return [text for msgid, text in texts_of(folder).items() if msgid not in known]


def read_catalogue(file: Path) -> Catalog:
    """The messages of a ``.po`` file with all that is said of them, for those who check it."""
    with file.open("rb") as stream:
        return read_po(stream)


__all__ = ["Found", "read_catalogue", "texts_of", "untranslated"]
