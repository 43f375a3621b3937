"""The mark of an SQLite file whose rows are in another database by now.

Settings from before, in the memory of a command or in a copy, still name the file; what they wrote there would be lost.
"""

from __future__ import annotations

import sqlite3

_MARK = "moved_to"
"""The table that is the mark; its one row says where to. Who drops it has the file as it was."""


class MovedAway(Exception):
    """The settings name a file whose rows have been moved; the text says where to."""


def mark_moved(driver: sqlite3.Connection, address: str) -> None:
    """Have the file refuse its work from now on.

    :param address: where the rows are, without a password.
    """
    driver.execute("BEGIN IMMEDIATE")
    try:
        driver.execute(f"CREATE TABLE {_MARK} (address TEXT NOT NULL)")
        driver.execute(f"INSERT INTO {_MARK} VALUES (?)", (address,))  # noqa: S608 - a name of ours
        driver.execute("COMMIT")
    except sqlite3.Error:
        driver.rollback()
        raise


def refuse_moved(driver: sqlite3.Connection) -> None:
    """Let nobody work with a file that has the mark; its connection is closed then.

    :raises MovedAway: naming the database that has the rows.
    """
    if driver.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (_MARK,)).fetchone() is None:
        return
    address = driver.execute(f"SELECT address FROM {_MARK}").fetchone()[0]  # noqa: S608 - a name of ours
    driver.close()
    raise MovedAway(
        f"This instance was moved to {address}, but these settings still name the file it was in."
        " Put that address into them."
    )
