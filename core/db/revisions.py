"""Whether tables are at the newest revisions, told from the files' text and one row each.

A server asks this whenever it starts. Alembic would import the files, and is itself a tenth of what a server loads;
whatever is not plainly up to date is left to it (``core.db.migrations``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, inspect, text

_ASSIGNED = re.compile(r"^(revision|down_revision|branch_labels|depends_on)\b[^=\n]*=\s*(.+?)\s*$", re.MULTILINE)
_TEXT = re.compile(r"""(["'])([^"'\\]+)\1""")


class Unclear(ValueError):
    """Files or rows that only Alembic can judge."""


def version_table(addon: str) -> str:
    """The table that holds an addon's revision; the addon's prefix owns it."""
    return f"{addon}_alembic_version"


def are_present(connection: Connection, histories: Mapping[str, Path]) -> bool:
    """Whether the tables of these addons are plainly at the newest revision of their folders.

    False also for files and rows that are not plain.
    """
    try:
        return all(_current(connection, addon) == newest_revision(folder) for addon, folder in histories.items())
    except Unclear:
        return False


def newest_revision(folder: Path) -> str | None:
    """The last revision of a folder, by the text of its files; nothing for a folder without any.

    :raises Unclear: for files that are not one line of revisions, plainly written.
    """
    following: dict[str | None, str] = {}
    for file in folder.glob("*.py"):
        revision, before = _revision(file)
        if before in following:
            raise Unclear(f"two revisions follow {before} in {folder}")
        following[before] = revision
    last: str | None = None
    for _ in range(len(following)):
        if last not in following:
            raise Unclear(f"the revisions in {folder} are not one line")
        last = following[last]
    return last


def _revision(file: Path) -> tuple[str, str | None]:
    """The id of a revision, and that of the one before it."""
    try:
        found = _ASSIGNED.findall(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise Unclear(f"{file} cannot be read: {error}") from error
    values = dict(found)
    if len(found) != len(values) or {values.get("branch_labels", "None"), values.get("depends_on", "None")} != {"None"}:
        raise Unclear(f"{file} is not a plain revision")
    revision, before = _literal(values.get("revision", "")), _literal(values.get("down_revision", ""))
    if revision is None:
        raise Unclear(f"{file} does not say which revision it is")
    return revision, before


def _literal(source: str) -> str | None:
    if source == "None":
        return None
    found = _TEXT.fullmatch(source)
    if found is None:
        raise Unclear(f"not a plain text: {source}")
    return found[2]


def _current(connection: Connection, addon: str) -> str | None:
    table = version_table(addon)
    if not inspect(connection).has_table(table):
        return None
    rows = connection.execute(text(f"SELECT version_num FROM {table}")).scalars().all()  # noqa: S608 - a checked name
    if len(rows) > 1:
        raise Unclear(f"{table} holds several revisions")
    return str(rows[0]) if rows else None
