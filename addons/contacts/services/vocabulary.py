"""The channels of contacts and how each is drawn: declared once, used by forms, lists, cards and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import AuditWords, T

if TYPE_CHECKING:
    from core import Hooks


@dataclass(frozen=True, slots=True)
class Channel:
    """A way people reach the dealership (C-05). ``look`` names the colour of its square.

    The code of another addon's channel begins with the addon's name: ``parking.gate``.
    """

    code: str
    title: str
    icon: str
    look: str = ""
    by_hand: bool = True
    """Whether reception registers it all the time; the others are by hand as well, only rarely (S2-19)."""
    waits_here: bool = False
    """Whether the person stands in the hall and can wait in the queue; who calls or writes cannot (C-07)."""
    goals_of: str = ""
    """The channel whose goals it has, instead of its own: for a channel that machines alone register, such as missed calls."""


@dataclass(frozen=True, slots=True)
class GoalRoute:
    """What happens next with whoever comes for a goal (S2-20).

    The code of another addon's route begins with the addon's name. That addon does what its route promises when
    ``contacts_contact_registered`` tells it of the contact.
    """

    code: str
    title: str


CHANNELS: tuple[Channel, ...] = (
    Channel("phone", T("Call"), "phone"),
    Channel("visit", T("Visit"), "walk", "visit", waits_here=True),
    Channel("web", T("Website"), "world", "site"),
    Channel("chat", T("Chat"), "message-2", "chat"),
    Channel("mobile_app", T("Mobile app"), "device-mobile", "site"),
    Channel("mobile_phone", T("Mobile call"), "device-mobile-message", by_hand=False),
    Channel("invitation", T("Invitation"), "mail-opened", "visit", by_hand=False, waits_here=True),
    Channel("other", T("Other channel"), "dots", "grey", by_hand=False, waits_here=True),
)


class KnownChannels(dict[str, Channel]):
    """The channels by code; one of an addon that is off is still something to show its contacts with (X-11)."""

    def __missing__(self, code: str) -> Channel:
        return Channel(code, T("Channel of a switched-off addon"), "dots", "grey", by_hand=False)


def channels(hooks: Hooks) -> KnownChannels:
    """Every channel there is: those of contacts, then those of other addons (X-14)."""
    known = KnownChannels((channel.code, channel) for channel in CHANNELS)
    for _, channel in hooks.declared("contacts_channels"):
        known[channel.code] = channel
    return known


def channel_of_goals(hooks: Hooks, code: str) -> str:
    """The channel whose goals the contacts of this one have."""
    return channels(hooks)[code].goals_of or code


def channel_titles(hooks: Hooks) -> dict[str, str]:
    """What every channel is called, by its code."""
    return {code: channel.title for code, channel in channels(hooks).items()}


SENT_TITLES = {
    "form": T("Form"),
    "name": T("Client's name"),
    "phone": T("Phone"),
    "email": T("E-mail"),
    "comment": T("Comment"),
    "message": T("Message"),
    "page": T("Page"),
    "intake_source": T("Where it came from"),
    "messenger": T("Messenger"),
}
"""What people call the values that forms of sites usually send; the rest is shown under its own name (S1-40)."""

CATEGORIES = {
    "sale": T("Car sale"),
    "repair": T("Repair"),
    "parts": T("Parts"),
    "information": T("Information"),
    "other": T("Other"),
}

ROUTES = (
    GoalRoute("document", T("Becomes a document")),
    GoalRoute("information", T("Information only")),
    GoalRoute("employee", T("For a certain employee")),
    GoalRoute("follow_up", T("Follows an earlier contact")),
)


def goal_routes(hooks: Hooks) -> list[GoalRoute]:
    """Every route there is: those of contacts, then those of other addons (X-14)."""
    return [*ROUTES, *(route for _, route in hooks.declared("contacts_goal_routes"))]


AUDIT = AuditWords(
    actions={
        "contact.claimed": T("contact taken"),
        "contact.opened": T("contact opened by who has it"),
        "contact.transferred": T("contact redirected"),
        "contact.queued": T("visitor put into the queue"),
        "contact.released": T("contact given back to all specialists"),
        "contact.processed": T("contact processed"),
        "contact.attached": T("contact attached to a document"),
        "contact.learned": T("client of a contact known from its document"),
        "contact.detached": T("attachment of a contact taken back"),
        "contact.ignored": T("contact ignored"),
        "contact.reopened": T("contact taken up again"),
        "contact.withdrawn": T("registration of a contact undone"),
        "source_secret": T("secret of a source changed"),
        "import_started": T("file uploaded for import"),
        "import_run": T("import begun"),
        "import_finished": T("import finished"),
        "import_cancelled": T("import given up"),
        "import_failed": T("import failed"),
        "merge": T("clients merged"),
        "merge_undone": T("merge undone"),
        "retention_purge": T("erased at the end of its term"),
    },
    things={
        "contacts_import": T("Import"),
        "contacts_contact_reason": T("Wanted work of a contact"),
        "contacts_goal_specialist": T("Specialist of a goal"),
    },
    fields={
        ("contacts_inbound_contact", "attended_until"): T("Attended by itself until"),
        ("contacts_intake_source", "address"): T("Address"),
        ("contacts_intake_source", "previous_until"): T("The secret before is good until"),
        ("contacts_import", "file"): T("File"),
        ("contacts_import", "rows"): T("Rows"),
        ("contacts_import", "created"): T("Created"),
        ("contacts_import", "updated"): T("Changed"),
        ("contacts_import", "unchanged"): T("Unchanged"),
        ("contacts_import", "skipped"): T("Left out because of problems"),
        ("contacts_customer", "gone"): T("Merged into this one"),
        ("contacts_customer", "merge"): T("Merge"),
        ("contacts_customer", "moved"): T("What was moved"),
        ("contacts_customer_phone", "position"): T("Place in lists"),
        ("contacts_vehicle", "mileage_at"): T("Mileage on"),
        ("contacts_odometer_reading", "at"): T("Mileage on"),
        ("contacts_odometer_reading", "kilometres"): T("Mileage, km"),
    },
)
"""What contacts is called in the audit trail where no screen has the words."""
