"""PostgreSQL's dialect in a process that serves a SQLite database: its name, without its 2 MB."""

from __future__ import annotations

from sqlalchemy.dialects import registry


class Unused:
    """What tables and indexes say for PostgreSQL is taken as it stands; no statement is ever compiled for it."""

    construct_arguments = None


def leave_out_postgresql(url: str) -> None:
    """Call it before models are imported: the first index with an option for PostgreSQL would import the dialect.

    An engine asks for dialect and driver, ``postgresql+psycopg``, and still gets them.
    """
    if url.startswith("sqlite:"):
        registry.register("postgresql", __name__, Unused.__name__)
