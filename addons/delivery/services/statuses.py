"""The seventeen statuses in their five groups, declared once: card, dialog, API, list and tests read them from here.

Each names the rules that guard it and what has to be asked first (docs/decisions/0021-status-rules-are-data.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from addons.delivery.services import rules
from addons.delivery.services.facts import Facts, Given
from addons.delivery.services.rules import Rule
from core import T

if TYPE_CHECKING:
    from addons.delivery.models import DeliveryOrder
    from core import Hooks, Refusal, WorkSession

Guard = Callable[["WorkSession", "DeliveryOrder"], "Refusal | None"]
"""Of an addon's status: says why an order cannot get it, or nothing when it can."""


@dataclass(frozen=True, slots=True)
class Group:
    """One of the five groups (S4-09); ``look`` is the colour of its pills."""

    code: str
    title: str
    look: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """An input that a status needs. ``kind``: ``choice``, ``money`` in kopecks, ``flag`` or ``text``.

    :param when: another input and the values of it with which this one is asked.
    :param rule: the id of the rule it serves.
    :param usual: what the order itself says, which the input begins with.
    """

    name: str
    title: str
    rule: str
    kind: str = "choice"
    choices: Mapping[str, str] = field(default_factory=dict)
    when: tuple[str, frozenset[str]] | None = None
    required: bool = True
    hint: str = ""
    usual: Callable[[Facts], str] | None = None

    def wanted(self, answers: Mapping[str, Given]) -> bool:
        """Whether it is asked, with what was given for the others."""
        return self.when is None or answers.get(self.when[0]) in self.when[1]


@dataclass(frozen=True, slots=True)
class Status:
    """One status: its group, the rules that guard it in their order, what it asks."""

    code: str
    title: str
    group: Group
    rules: tuple[Rule, ...] = ()
    asks: tuple[Ask, ...] = ()
    guard: Guard | None = None

    @property
    def look(self) -> str:
        """The colour of its pill."""
        return self.group.look

    @property
    def terminal(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.group.closed


class AddedStatus(Protocol):
    """What a status of another addon has to say; that addon makes it of whatever it likes."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def group(self) -> str:
        """The code of one of the five groups."""

    @property
    def guard(self) -> Guard | None: ...


APPROVAL = Group("approval", T("Approval"), "acc")
PICKING = Group("picking", T("Picking"), "vio")
DELIVERY = Group("delivery", T("Delivery"), "teal")
DONE = Group("done", T("Order completed"), "ok", closed=True)
CANCELLED = Group("cancelled", T("Order cancelled"), "", closed=True)
GROUPS = (APPROVAL, PICKING, DELIVERY, DONE, CANCELLED)

NEW = Status("new", T("No status yet"), Group("", "", "warn"))
"""What an order is before anybody has set one of the seventeen."""

_MESSAGE = Ask(
    "message",
    T("Important for the delivery department"),
    "S4-17",
    "text",
    required=False,
    hint=T("They see it as a red label while they prepare papers and routes."),
)
_CERTAIN = Ask(
    "reason",
    T("Why did he buy elsewhere?"),
    "S4-31",
    choices={
        "unknown": T("He did not say why"),
        "price": T("The price was better there"),
        "delivery": T("The delivery was better there"),
        "other": T("Another reason that he named"),
    },
)
_DELIVERY_TERMS = Ask(
    "reason",
    T("What of the delivery did not suit?"),
    "S4-33",
    choices={"dates": T("The day"), "time": T("The time"), "cost": T("What it costs")},
)
_WRONG_PRICE, _SMALL = frozenset({"wrong_price"}), frozenset({"small_order"})
_UNPROFITABLE = (
    Ask(
        "case",
        T("Why is it not worthwhile?"),
        "S4-35",
        choices={
            "wrong_price": T("A wrong price was on the site"),
            "small_order": T("A small order, for which somebody has to drive to the supplier"),
        },
        usual=lambda facts: "small_order" if facts.lines and facts.total < facts.limits.small_order else "",
    ),
    Ask("profit", T("Profit, ₽"), "S4-35", "money", when=("case", _WRONG_PRICE)),
    Ask("delivery_cost", T("What the delivery costs, ₽"), "S4-35", "money", when=("case", _WRONG_PRICE)),
    Ask("supplier_trip", T("Somebody has to drive to the supplier"), "S4-36", "flag", when=("case", _SMALL)),
)
_CONSULTATION = Ask(
    "case",
    T("Which case is it?"),
    "S4-39",
    choices={**rules.LANDLINE, **rules.FOREIGN, **rules.NOT_BUYING, **rules.AFTER_CALL_BACK},
    usual=rules.usual_case,
)
_NONE_FITS = Ask("none_fits", T("No other status of this group fits"), "S4-43", "flag")

STATUSES = (
    Status("awaiting_prepayment", T("Awaiting prepayment"), APPROVAL, (rules.invoice_or_online,)),
    Status("call_back", T("To be called back"), APPROVAL, (rules.consulted,)),
    Status("hand_to_courier", T("Hand over to courier service"), PICKING, (rules.by_courier_service_here,)),
    Status("handed_to_delivery", T("Handed to delivery"), DELIVERY, (rules.day_time_place,), (_MESSAGE,)),
    Status("picked_up", T("Pickup"), DELIVERY, (rules.pickup,)),
    Status("collected_by_courier", T("Collected by courier service"), DELIVERY, (rules.after_hand_over,)),
    Status("completed", T("Order completed"), DONE, (rules.delivered_in_full,)),
    Status("no_answer", T("No answer to calls"), CANCELLED, (rules.not_consulted, rules.not_reached)),
    Status(
        "out_of_stock",
        T("Out of stock"),
        CANCELLED,
        (rules.filled("S4-30"), rules.suppliers_asked, rules.unlisted_named),
    ),
    Status("bought_elsewhere", T("Bought elsewhere"), CANCELLED, (rules.reason_unknown,), (_CERTAIN,)),
    Status("delivery_unsuitable", T("Delivery did not suit"), CANCELLED, (rules.talked("S4-33"),), (_DELIVERY_TERMS,)),
    Status("price_unsuitable", T("Price did not suit"), CANCELLED, (rules.talked("S4-34"),)),
    Status("unprofitable", T("Not worthwhile"), CANCELLED, (rules.does_not_pay,), _UNPROFITABLE),
    Status("discontinued", T("Discontinued goods"), CANCELLED, (rules.filled("S4-37"), rules.analogue_refused)),
    Status("consultation", T("Consultation only"), CANCELLED, (rules.case_holds,), (_CONSULTATION,)),
    Status("showroom_wanted", T("Showroom wanted"), CANCELLED, (rules.filled("S4-46"),)),
    Status("cancelled_other", T("Order cancelled"), CANCELLED, (rules.reason_written,), (_NONE_FITS,)),
)
"""In the order of their groups; «Отменен» is the last, for when no other one fits (S4-43)."""
STATUS = {status.code: status for status in STATUSES}
COMPLETED = "completed"
OUTCOMES = ("handed_to_delivery", "hand_to_courier", "picked_up", "awaiting_prepayment", "call_back")
"""What can have come of a talk about an analogue, the farthest first (S4-38)."""


class KnownStatuses(dict[str, Status]):
    """The statuses by code; one of an addon that is off is still something to show an order with."""

    def __missing__(self, code: str) -> Status:
        return NEW if code == NEW.code else Status(code, T("Status of a switched-off addon"), NEW.group)


def statuses(hooks: Hooks) -> KnownStatuses:
    """Every status there is: the seventeen, and at the end of their groups those of other addons (X-14)."""
    groups = {group.code: group for group in GROUPS}
    added = [
        Status(each.code, each.title, groups.get(each.group, APPROVAL), guard=each.guard)
        for _, each in hooks.declared("delivery_statuses")
    ]
    return KnownStatuses(
        (status.code, status) for group in GROUPS for status in (*STATUSES, *added) if status.group == group
    )


def in_groups(hooks: Hooks, *groups: Group) -> list[str]:
    """The codes of the statuses in these groups, those of other addons among them (X-14)."""
    return [code for code, status in statuses(hooks).items() if status.group in groups]


def status_titles(hooks: Hooks) -> dict[str, str]:
    """What every status is called, by its code."""
    return {NEW.code: NEW.title, **{code: status.title for code, status in statuses(hooks).items()}}
