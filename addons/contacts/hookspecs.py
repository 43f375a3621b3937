"""What contacts offers to other addons: documents to turn traffic into, and the life of a contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.host.plugins import hookspec

if TYPE_CHECKING:
    from addons.contacts.models import InboundContact
    from addons.contacts.services.document_types import DocumentType
    from addons.contacts.services.portrait import ClientBadge
    from core.db.engine import WorkSession
    from core.db.kept import Read
    from core.web.screens import Panel


@hookspec
def contacts_document_types() -> list[DocumentType]:
    """What an inbound contact can become.

    When: once, at start. Return: document types, in the order of their digits on the card. Since 0.1.
    Example: sales offers «Рабочий лист», with functions that create one from a contact and name its page.
    """


@hookspec
def contacts_finished_business(customer_id: int) -> Read | None:
    """Reads whether this client has finished business with the dealership: a closed sale, an archived repair order.

    When: a contact is registered or its client becomes known; any row makes him a repeat client (T-1). All addons'
    reads run as one statement. Return: ``None`` when the addon has no such business. Since 0.1.
    Example: ``return Read(SOLD, {"customer": customer_id}, everything=True)``
    """


@hookspec
def contacts_contact_registered(session: WorkSession, contact: InboundContact, way: str) -> None:
    """A contact has just been registered; called in its transaction, isolated. Since 0.1.

    ``way`` says how it goes on: ``transfer`` (a live call goes along, S0-20), ``register``, ``queue``, ``callback`` or
    ``inform``.
    """


@hookspec
def contacts_portrait_blocks(session: WorkSession, customer_id: int) -> list[Panel] | None:
    """What an addon knows of a client, as blocks of the portrait on the card of a contact (slot ``client.portrait``).

    When: the card of a contact whose client is known is drawn. Return: panels, in their order; ``None`` when there is
    nothing to tell. An addon that fails gets a box in its place; what the panels ``reads`` runs as one statement. Since 0.1.
    Example: sales shows the client's open worksheets; a workshop its repair orders and recommendations (S1-57).
    """


@hookspec
def contacts_client_badges(session: WorkSession, customer_id: int) -> list[ClientBadge] | None:
    """Short words about a client beside his name on the card of a contact (slot ``client.badge``).

    When: the head of the card is drawn, also whenever it moves by itself. Return: badges; ``None`` for none. Since 0.1.
    Example: ``return [ClientBadge(T("Bought cars: %(number)s"), Read(BOUGHT, {"customer": customer_id}), "vio", "star")]``
    """
