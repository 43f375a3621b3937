"""Reading a table out of a file somebody has sent: a workbook or a text in either encoding, within limits (SEC-33)."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from addons.contacts.services.importing import sheet_reader
from core import FILE_TYPES, BadFile, Invalid, T, recognise

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 32_000
_SHEET_MEGABYTES = 2048
_SNIFFED = 20
_DELIMITERS = (";", "\t", ",")

Row = list[str]


def read_table(stream: BinaryIO, name: str) -> Iterator[Row]:
    """The rows of a file as texts, those above the heading too; cells are cut at 32,000 characters.

    :param stream: the whole file, to be read from any place.
    :raises Invalid: no workbook and no table as text, not what its name says, too large, or damaged.
    """
    if stream.seek(0, io.SEEK_END) > MOST_BYTES:
        raise _bad(T("Files may have up to 20 MB."))
    allowed = {code: FILE_TYPES[code] for code in ("xlsx", "csv")}
    try:
        kind = recognise(stream, name, allowed)
    except BadFile as error:
        raise _bad(str(error)) from error
    stream.seek(0)
    rows = _sheet(stream) if kind.code == "xlsx" else _text_table(stream)
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS + _SNIFFED or len(row) > MOST_COLUMNS:
            raise _too_large()
        yield [_clean(cell) for cell in row]


def _bad(message: str) -> Invalid:
    return Invalid({"file": [message]}, message)


def _too_large() -> Invalid:
    return _bad(T("A table may have up to 200,000 rows and 100 columns. Divide the file."))


def _clean(cell: str) -> str:
    """A cell without what no database keeps, and without the apostrophe of a protected export (SEC-35)."""
    text = cell[:LONGEST_CELL].strip()
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char in "\n\t" else " " for char in text).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


# --- text -----------------------------------------------------------------------------------------


def _text_table(stream: BinaryIO) -> Iterator[Row]:
    text = _decoded(stream.read())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from reader
    except csv.Error as error:
        raise _bad(T("This file is damaged: it cannot be read to its end.")) from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark; what is none is the old Windows encoding, in which anything can be read."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _delimiter(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of cells, more than one."""
    lines = text[:100_000].splitlines()[:_SNIFFED]

    def weight(delimiter: str) -> tuple[int, int]:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return (0, 0)
        widest = max(counts, default=1)
        return (sum(count == widest for count in counts), widest) if widest > 1 else (0, 0)

    return max(_DELIMITERS, key=weight)


# --- workbooks ------------------------------------------------------------------------------------


def _sheet(stream: BinaryIO) -> Iterator[Row]:
    with _on_disk(stream) as path, tempfile.TemporaryFile() as output:
        limits = [str(MOST_ROWS + _SNIFFED), str(MOST_COLUMNS), str(_SHEET_MEGABYTES)]
        command = [sys.executable, "-I", sheet_reader.__file__, str(path), *limits]
        try:
            ended = subprocess.run(  # noqa: S603 - our own program with our own file
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=sheet_reader.SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise _too_large() from error
        if ended == sheet_reader.UNREADABLE:
            raise _bad(T("This file is damaged: it cannot be read to its end."))
        if ended:
            # Cut off by its limits, or ended by the library that could get no more memory.
            raise _too_large()
        output.seek(0)
        yield from (json.loads(line) for line in output)


@contextmanager
def _on_disk(stream: BinaryIO) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forecourt-import-") as folder:
        path = Path(folder) / "table.xlsx"
        with path.open("wb") as file:
            while block := stream.read(1 << 16):
                file.write(block)
        yield path
