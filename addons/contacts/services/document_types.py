"""What an inbound contact can become: the contract between contacts and the addons with documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from addons.contacts.models import Document, InboundContact
    from core import Hooks, WorkSession


Creating = Callable[["WorkSession", "InboundContact"], "Document"]
"""Makes a document from a contact."""
Leaving = Callable[["WorkSession", "InboundContact", datetime], "Document"]
"""Makes a document of what a client wants whom nobody could talk with, to be taken up by then."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One kind of document that a contact can end in (slot ``contact.outcome``).

    :param code: unique, with the addon's name: ``sales.worksheet``.
    :param endpoint: the page of a document, given its number as ``record_id``.
    :param create: makes one from a contact and returns its head row; the rest happens in contacts. Nothing for documents
        that a contact can only be attached to.
    :param form: the page that asks what has to be known first, given the contact's number as ``contact``; it calls
        :func:`addons.contacts.services.handling.create_document` with what it was told.
    :param met: called when a document that was made before the client was known has got the client of its contact,
        and when its client is called something else now.
    :param right: who may create one.
    :param suits: whether it is offered first for a goal's category (``sale``, ``repair`` …).
    :param leave: makes one for the responsible of a contact of such a category when he cannot talk just now and the client
        has said what he wants (S3-27); whoever answers the telephone needs no right to it. Without one a task is made.
    :param take_back: called when the registration that has left one is undone at once; it refuses where somebody works on it.
    """

    code: str
    title: str
    summary: str
    icon: str
    endpoint: str
    create: Creating | None
    right: str
    form: str = ""
    met: Callable[[WorkSession, Document], None] | None = None
    suits: tuple[str, ...] = ()
    order: int = 100
    leave: Leaving | None = None
    take_back: Callable[[WorkSession, Document], None] | None = None


def document_types(hooks: Hooks) -> dict[str, tuple[str, DocumentType]]:
    """All document types of the enabled addons by code, each with its addon, in order."""
    found = [(addon, kind) for addon, kind in hooks.declared("contacts_document_types")]
    return {kind.code: (addon, kind) for addon, kind in sorted(found, key=lambda pair: (pair[1].order, pair[0]))}
