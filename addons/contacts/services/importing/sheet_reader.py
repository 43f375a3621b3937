"""Reads the first sheet of a workbook in a process of its own: ``sheet_reader.py FILE ROWS COLUMNS MEGABYTES``.

A small workbook can ask for any amount of memory (two cells in opposite corners, a million references to one long
text), and the library that reads it ends the whole process then. So it has a process with limits; SEC-33. It writes
one JSON list of texts for each row, and ends with 3 when the sheet is too large, with 4 when it cannot be read.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta

TOO_LARGE, UNREADABLE = 3, 4
SECONDS = 120


def main() -> int:
    """Read the workbook named on the command line."""
    from python_calamine import CalamineError, CalamineWorkbook  # not for those who only want this file's numbers

    path, rows, columns, megabytes = sys.argv[1], *map(int, sys.argv[2:5])
    _limit(megabytes)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the program imports as little as it can
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
            if sheet.total_height > rows or sheet.total_width > columns:
                return TOO_LARGE
            for row in sheet.iter_rows():
                _write([_text(cell) for cell in row])
    except MemoryError:
        return TOO_LARGE
    except (CalamineError, ValueError, IndexError, OSError):
        return UNREADABLE
    return 0


def _limit(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _write(cells: list[str]) -> None:
    sys.stdout.write(json.dumps(cells, ensure_ascii=True) + "\n")


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a point, so that a phone stays a phone; days and moments as ISO."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


if __name__ == "__main__":
    sys.exit(main())
