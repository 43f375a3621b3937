"""What the timeline of a repair order tells of money, consent and work: who has done it, when, and from what to what (S0-42).

Nobody's name and no note is repeated here: these are personal data and live where they can be erased.
"""

from __future__ import annotations

from addons.service.models import Approval, OrderLine, Payment, Recommendation, RepairOrder
from addons.service.services.vocabulary import AGREED_HOW, PAYMENT_METHODS
from core import T, WorkSession, subject_of, timeline

MONEY = "service.money"
"""The kind of the timeline's entries about payments."""
AGREED = "service.agreed"
WORK = "service.work"
ADVICE = "service.advice"
LINES = "service.lines"
"""The kind of the entries about lines that came, went or cost something else."""


def paid(session: WorkSession, order: RepairOrder, payment: Payment) -> None:
    """Money has come, or was given back."""
    title = T("Paid: %(sum)s, %(how)s") if payment.amount > 0 else T("Given back: %(sum)s, %(how)s")
    values = {"sum": {"kopecks": abs(payment.amount)}, "how": {"msgid": PAYMENT_METHODS[payment.method]}}
    timeline.add_entry(session, [subject_of(order)], MONEY, title, values)


def agreed(session: WorkSession, order: RepairOrder, approval: Approval, before: int) -> None:
    """The client has agreed to a sum.

    :param before: the sum in kopecks he had agreed to until then.
    """
    title = T("The client agreed, %(how)s: %(before)s → %(after)s")
    values = {
        "how": {"msgid": AGREED_HOW[approval.how]},
        "before": {"kopecks": before},
        "after": {"kopecks": approval.total},
    }
    timeline.add_entry(session, [subject_of(order)], AGREED, title, values)


def done(session: WorkSession, order: RepairOrder, line: OrderLine) -> None:
    """A work was ticked as done, or the tick was taken away."""
    title = T("Done: %(title)s") if line.done else T("Not done yet: %(title)s")
    timeline.add_entry(session, [subject_of(order)], WORK, title, {"title": line.title})


def discounted(session: WorkSession, order: RepairOrder, percent: str, before: int) -> None:
    """A discount was given on many lines at once.

    :param percent: as it is read.
    :param before: what the order came to in kopecks; what it comes to now is its own.
    """
    title = T("Discount of %(percent)s %%: %(before)s → %(after)s")
    _priced(session, order, title, before, order.total, percent=percent)


def follows_payer(session: WorkSession, order: RepairOrder, works: int, before: int, after: int) -> None:
    """So many works take the price of an hour of another payer, in kopecks."""
    title = T("Works priced anew for another payer: %(n)s; an hour %(before)s → %(after)s")
    _priced(session, order, title, before, after, n=str(works))


def repriced(session: WorkSession, order: RepairOrder, line: OrderLine, before: int) -> None:
    """A line was changed; its sum is told where it is another one.

    :param before: what the line came to in kopecks.
    """
    if line.total == before:
        timeline.add_entry(session, [subject_of(order)], LINES, T("Changed: %(title)s"), {"title": line.title})
    else:
        title = T("Changed: %(title)s, %(before)s → %(after)s")
        _priced(session, order, title, before, line.total, title=line.title)


def advised(session: WorkSession, order: RepairOrder, advice: Recommendation) -> None:
    """Something was recommended for next time."""
    timeline.add_entry(session, [subject_of(order)], ADVICE, T("Recommendation"), body=advice.text)


def settled(session: WorkSession, order: RepairOrder, advice: Recommendation, state: str) -> None:
    """A recommendation was carried out, declined, or opened again; ``state`` is the msgid of what it is now."""
    values = {"state": {"msgid": state}}
    timeline.add_entry(session, [subject_of(order)], ADVICE, T("Recommendation: %(state)s"), values, body=advice.text)


def _priced(session: WorkSession, order: RepairOrder, title: str, before: int, after: int, /, **values: str) -> None:
    sums = {"before": {"kopecks": before}, "after": {"kopecks": after}}
    timeline.add_entry(session, [subject_of(order)], LINES, title, {**values, **sums})
