"""What contacts offers to other addons: documents to turn traffic into, and the life of a contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.host.plugins import hookspec

if TYPE_CHECKING:
    from addons.contacts.models import InboundContact
    from addons.contacts.services.document_types import DocumentType
    from core.db.engine import WorkSession


@hookspec
def contacts_document_types() -> list[DocumentType]:
    """What an inbound contact can become.

    When: once, at start. Return: document types, in the order of their digits on the card. Since 0.1.
    Example: sales offers «Рабочий лист», with functions that create one from a contact and name its page.
    """


@hookspec
def contacts_finished_business(session: WorkSession, customer_id: int) -> bool | None:
    """Whether this client has finished business with the dealership: a closed sale, an archived repair order.

    When: a contact is registered or its client becomes known; any ``True`` makes him a repeat client (T-1).
    Return: ``None`` when the addon knows nothing of him. Since 0.1.
    """


@hookspec
def contacts_contact_registered(session: WorkSession, contact: InboundContact) -> None:
    """A contact has just been registered; called in its transaction, isolated. Since 0.1."""
