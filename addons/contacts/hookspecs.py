"""What contacts offers to other addons: documents to turn traffic into, and the life of a contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.intake.adapters import Adapter
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import Vocabulary, hookspec

if TYPE_CHECKING:
    from addons.contacts.models import InboundContact, IntakeSource
    from addons.contacts.services.importing.kinds import ImportKind
    from addons.contacts.services.portrait import ClientBadge
    from core import Panel, Read, WorkSession

CHANNELS = Vocabulary(
    Channel,
    has={"title": str, "icon": str, "look": str, "by_hand": bool, "waits_here": bool, "goals_of": str},
    longest={"code": 20},
    icons=["icon"],
)
INTAKE_ADAPTERS = Vocabulary(
    Adapter,
    has={"title": str, "channel": str, "verify": Callable, "read": Callable, "send": Callable | None},
    longest={"code": 40},
)
GOAL_ROUTES = Vocabulary(GoalRoute, has={"title": str}, longest={"code": 20})
DOCUMENT_TYPES = Vocabulary(
    DocumentType,
    has={
        "title": str,
        "summary": str,
        "icon": str,
        "endpoint": str,
        "create": Callable | None,
        "right": str,
        "form": str,
        "met": Callable | None,
        "suits": tuple,
        "order": int,
        "leave": Callable | None,
        "take_back": Callable | None,
    },
    longest={"code": 40},
    icons=["icon"],
)


@hookspec
@CHANNELS
def contacts_channels() -> list[Channel]:
    """Ways in which people reach the dealership, beside those that contacts has itself (X-14).

    When: once, at start. Return: channels, whose codes begin with the addon's name and have 20 characters at most;
    reception, lists and the API offer them after those of contacts. A channel with ``goals_of`` is for machines: it has the
    goals of another channel, and reception does not offer it. Since 0.1.
    Example: ``return [Channel("parking.gate", T("Gate intercom"), "barrier-block", "visit", by_hand=False)]``
    """


@hookspec
@INTAKE_ADAPTERS
def contacts_intake_adapters() -> list[Adapter]:
    """Kinds of sites and messengers that send us what their clients write, beside those of contacts (S1-41, X-14).

    When: once, at start. Return: adapters, whose codes begin with the addon's name and have 40 characters at most; an
    administrator makes sources of them. ``verify`` refuses what is not signed with the source's secrets, ``read`` says what
    came; contacts takes each once, whatever comes twice, and makes a contact of it. Since 0.1.
    Example: ``return [Adapter("parking.gate", T("Gate intercom"), "web", gate.verify, gate.read)]``
    """


@hookspec
def contacts_request_attended(
    session: WorkSession, contact: InboundContact, source: IntakeSource
) -> Sequence[datetime] | None:
    """Whether an addon sees to a request by itself, whose client is to be called at once (S1-25).

    When: the contact has just been registered; called in its transaction, isolated. Return: the moment until when at the
    latest it does, as the only one of a list; ``None`` when it does not. Until then nobody is told of the contact, unless the
    addon lets go of it before: with ``services.intake.requests.give`` to who talks with the client, or with ``release``.
    Since 0.1.
    Example: telephony calls who is responsible for the client, then the group, and connects whoever answers.
    """


@hookspec
@GOAL_ROUTES
def contacts_goal_routes() -> list[GoalRoute]:
    """What can happen next with whoever comes for a goal, beside the routes that contacts has itself (S2-20, X-14).

    When: once, at start. Return: routes, whose codes begin with the addon's name and have 20 characters at most; an
    administrator chooses them in the card of a goal. The addon does what its route promises in
    ``contacts_contact_registered``. Since 0.1.
    Example: ``return [GoalRoute("parking.pass", T("Gets a parking pass at once"))]``
    """


@hookspec
@DOCUMENT_TYPES
def contacts_document_types() -> list[DocumentType]:
    """What an inbound contact can become.

    When: once, at start. Return: document types, in the order of their digits on the card, whose codes begin with the
    addon's name and have 40 characters at most. Since 0.1.
    Example: sales offers «Рабочий лист», with functions that create one from a contact, name its page, and leave one to
    a manager who cannot talk just now (S3-27).
    """


@hookspec
def contacts_import_kinds() -> list[ImportKind]:
    """What can be imported from files besides clients and cars: the past of another program (S1-65).

    When: once, at start. Return: kinds of files. Their rows name a client and a car in the columns of every import, which
    contacts finds or adds; what the other columns mean the addon checks and writes, some hundred rows at a time, in the
    transaction in which they were read. Since 0.1.
    Example: a workshop takes the repair orders of the program before in, by their old numbers.
    """


@hookspec
def contacts_finished_business(customer_id: int) -> Read | None:
    """Reads whether this client has finished business with the dealership: a closed sale, an archived repair order.

    When: a contact is registered or its client becomes known; any row makes him a repeat client (T-1). All addons'
    reads run as one statement. Return: ``None`` when the addon has no such business. Since 0.1.
    Example: ``return Read(SOLD, {"customer": customer_id}, everything=True)``
    """


@hookspec
def contacts_call_attempts(
    session: WorkSession, customer_id: int | None, phone: str, since: datetime
) -> Sequence[datetime] | None:
    """Calls to a client that he has not answered: what proves that he cannot be reached (S4-23…26, S4-82).

    When: somebody's rules ask ``services.attempts.call_attempts``. Of a client of the directory all his numbers count, and
    ``phone`` beside them, in E.164. Return: aware moments since ``since`` in any order; ``None`` for none. A call that two
    addons know of counts once with whoever asks. Since 0.1.
    Example: telephony answers with the calls of its exchanges, and delivery asks before an order is «Недозвон».
    """


@hookspec
def contacts_contact_registered(session: WorkSession, contact: InboundContact, way: str, origin: str) -> None:
    """A contact has just been registered; called in its transaction, isolated. Since 0.1.

    ``way`` says how it goes on: ``transfer`` (a live call goes along, S0-20), ``register``, ``queue``, ``callback`` or
    ``inform``. ``origin`` is what the address of the reception form named as ``origin`` (``[a-z0-9.-]``, 60 characters, the
    addon's name first), or empty: what has opened the form, as telephony opens it for a call.
    """


@hookspec
def contacts_contact_passed_on(session: WorkSession, contact: InboundContact) -> None:
    """Somebody has redirected a contact to a colleague, or to all specialists of its goal (S0-19, S1-54).

    When: right after, in its transaction, isolated; ``contact.responsible_id`` is whose it is now. Since 0.1.
    Example: telephony passes the live call of the contact on with it (S0-20).
    """


@hookspec
def contacts_contact_undone(session: WorkSession, contact: InboundContact) -> None:
    """Whoever registered a contact has taken that back; nobody is told of it any more.

    When: right after, in its transaction, isolated. Since 0.1.
    Example: telephony shows again who calls to whom the contact's client rings.
    """


@hookspec
def contacts_portrait_blocks(session: WorkSession, customer_id: int) -> list[Panel] | None:
    """What an addon knows of a client, as blocks of the portrait on the card of a contact (slot ``client.portrait``).

    When: the card of a contact whose client is known is drawn. Return: panels, in their order; ``None`` when there is
    nothing to tell. An addon that fails gets a box in its place; what the panels ``reads`` runs as one statement. Since 0.1.
    Example: sales shows the client's open worksheets; a workshop its repair orders and recommendations (S1-57).
    """


@hookspec
def contacts_contact_panels(session: WorkSession, contact: InboundContact) -> list[Panel] | None:
    """What an addon knows of one contact, as boxes below what it became (slot ``contact.panels``).

    When: the card of a contact is drawn. Return: panels, in their order; ``None`` for none. An addon that fails gets a
    box in its place; what the panels ``reads`` runs as one statement. Since 0.1.
    Example: a workshop shows the repair order that was opened with the car visit of this contact (S0-39).
    """


@hookspec
def contacts_client_badges(session: WorkSession, customer_id: int) -> list[ClientBadge] | None:
    """Short words about a client beside his name on the card of a contact (slot ``client.badge``).

    When: the head of the card is drawn, also whenever it moves by itself. Return: badges; ``None`` for none. Since 0.1.
    Example: ``return [ClientBadge(T("Bought cars: %(number)s"), Read(BOUGHT, {"customer": customer_id}), "vio", "star")]``
    """
