"""The keys of a file's rows: a key that comes twice is a problem of the later row, however many rows lie between."""

from __future__ import annotations

from collections.abc import Sequence

from addons.contacts.services.importing.book import read_facts, write_facts
from addons.contacts.services.importing.entries import Entry
from core import T, WorkSession


def refuse_repeated(session: WorkSession, import_id: int, entries: Sequence[Entry], field: str) -> None:
    """Note on each row whose key an earlier one has that it comes twice; remember the others for the rows to come.

    :param field: which field is the key.
    """
    keyed = [entry for entry in entries if not entry.problems]
    said = read_facts(session, import_id, {_token(key) for key in keys_of(keyed, field)})
    rows = {token: fact["row"] for token, fact in said.items()}
    new: dict[str, int] = {}
    for entry in keyed:
        token = _token(entry.texts[field])
        earlier = rows.get(token, new.get(token))
        if earlier is None:
            new[token] = entry.number
        else:
            entry.wrong(field, T("Row %(row)s has this number already."), row=earlier)
    write_facts(session, import_id, ((token, {"row": number}) for token, number in new.items()))


def keys_of(entries: Sequence[Entry], field: str) -> list[str]:
    """The keys of rows that can be imported."""
    return [entry.texts[field] for entry in entries if not entry.problems]


def _token(key: str) -> str:
    return f"k:{key}"
