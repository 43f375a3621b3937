"""Setting the status of an order: asked first, done with what it brings with it, decided in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.contacts.services.documents import head_of, show_state
from addons.delivery.models import DeliveryOrder, StatusChange
from addons.delivery.services import card_reads, contents, log, orders
from addons.delivery.services.facts import Facts, Given, LineFacts
from addons.delivery.services.judging import Answer, judge_order
from addons.delivery.services.limits import limits_in
from addons.delivery.services.rules import Lack
from addons.delivery.services.statuses import Ask, Status, statuses
from addons.delivery.services.vocabulary import ATTEMPT
from core import (
    Conflict,
    Invalid,
    T,
    WorkSession,
    kept,
    name_of,
    parse_phone,
    subject_of,
    tasks,
    timeline,
)

MOVED = "delivery.status"
"""The kind of the timeline's entry about another status."""
CALL_BACK = "delivery.call_back"
"""The kind of the task to call a client back."""
Rows = Mapping[str, Sequence[Any]]
"""What was read of an order, by name."""
LONGEST_COMMENT, LONGEST_MESSAGE, MOST = 300, 500, 1_000_000_000_00


class RuleRefusal(Conflict):
    """A rule forbids the status; ``answer`` is all that the rules say, ``errors`` the same in words by the rules' ids."""

    title = T("A rule forbids this")

    def __init__(self, answer: Answer, errors: Mapping[str, list[str]]) -> None:
        first = answer.lacks[0]
        super().__init__(first.text, **first.values)
        self.answer, self.errors = answer, errors


class InputNeeded(Invalid):
    """The status asks for something first; ``answer`` says for what."""

    def __init__(self, answer: Answer, errors: Mapping[str, list[str]]) -> None:
        super().__init__(errors)
        self.answer = answer


def check(
    session: WorkSession, order: DeliveryOrder, code: str, comment: str = "", answers: Mapping[str, Any] | None = None
) -> Answer:
    """What the rules say of a status for this order now; nothing is changed.

    :raises Invalid: for an unknown status, or an answer that cannot be one.
    """
    status = _expect_status(session, code)
    facts = facts_of(session, order, comment, clean(status, answers or {}))
    return judge_order(session, order, facts, status)


def check_all(session: WorkSession, order: DeliveryOrder, found: Rows) -> list[Answer]:
    """What the rules say of every other status.

    :param found: what was read of the order (:func:`.card_reads.for_rules`).
    """
    facts = _facts(session, order, found)
    known = statuses(session.hooks).values()
    return [judge_order(session, order, facts, status) for status in known if status.code != order.status]


def set_status(
    session: WorkSession,
    order_id: int,
    code: str,
    *,
    comment: str = "",
    answers: Mapping[str, Any] | None = None,
    seen: str = "",
) -> DeliveryOrder:
    """Give an order another status; where it has it already nothing happens, so a double click does it once.

    :param answers: what the status asks for, by the names of its inputs.
    :param seen: the status the person saw; where it is another one by now, he is told whose it is.
    :raises RuleRefusal: with the rule that forbids it.
    :raises InputNeeded: with what has to be given.
    :raises Conflict: where a colleague was faster.
    """
    order = orders.locked_order(session, order_id, "move")
    if order.status == code:
        return order
    if seen and seen != order.status:
        raise _overtaken(session, order)
    if len(comment.strip()) > LONGEST_COMMENT:
        raise Invalid({"comment": [T("This is too long.")]})
    status = _expect_status(session, code)
    facts = facts_of(session, order, comment.strip(), clean(status, answers or {}))
    _expect_allowed(session, judge_order(session, order, facts, status))
    _write(session, order, status, facts)
    return order


def facts_of(
    session: WorkSession, order: DeliveryOrder, comment: str = "", answers: Mapping[str, Given] | None = None
) -> Facts:
    """The order as the rules look at it."""
    found = kept.gather(session, card_reads.for_rules(order))
    return replace(_facts(session, order, found), comment=comment, answers=answers or {})


def _facts(session: WorkSession, order: DeliveryOrder, found: Rows) -> Facts:
    limits = limits_in(found["limits"])
    suppliers = contents.by_line(found["suppliers"])
    phone = parse_phone(order.phone or next((phone.e164 for phone in found["phones"]), ""))
    zone = ZoneInfo(found["place"][0].time_zone if found["place"] else session.access.time_zone)
    return Facts(
        status=order.status,
        had=frozenset(step.after for step in found["history"]),
        method=order.method,
        carrier=order.carrier,
        region=order.region,
        address=order.address,
        delivery_on=order.delivery_on,
        window=order.window,
        window_waits=orders.window_waits(order, limits),
        payment_method=order.payment_method,
        total=order.total,
        lines=tuple(
            _line_facts(line, [(each.name, each.checked_at is not None) for each in suppliers.get(line.id, ())])
            for line in found["lines"]
        ),
        log=tuple((entry.kind, entry.at) for entry in found["entries"]),
        attempts=log.attempts_of(session, order, (each.at for each in found["entries"] if each.kind == ATTEMPT), zone),
        foreign=phone.foreign if phone is not None else None,
        mobile=phone.mobile if phone is not None else None,
        zone=zone,
        limits=limits,
    )


def _line_facts(line: Any, suppliers: list[tuple[str, bool]]) -> LineFacts:
    return LineFacts(
        title=line.title,
        listed=line.item_id is not None,
        quantity=line.quantity,
        delivered=line.delivered,
        returned=line.returned,
        discontinued=line.discontinued,
        analogue=line.analogue,
        suppliers=tuple(name for name, _ in suppliers),
        unchecked=tuple(name for name, asked in suppliers if not asked),
    )


def clean(status: Status, answers: Mapping[str, Any]) -> dict[str, Given]:
    """What was given for a status, as its inputs are; what nobody asks is left out.

    :raises Invalid: naming the inputs that cannot be so.
    """
    errors = {ask.name: [fault] for ask in status.asks if (fault := _fault(ask, answers.get(ask.name)))}
    if errors:
        raise Invalid(errors)
    return {ask.name: answers[ask.name] for ask in status.asks if answers.get(ask.name) not in (None, "")}


def _fault(ask: Ask, given: Any) -> str:
    if given in (None, ""):
        return ""
    if ask.kind == "choice":
        return "" if isinstance(given, str) and given in ask.choices else T("Choose one of the list.")
    if ask.kind == "money":
        fits = isinstance(given, int) and not isinstance(given, bool) and abs(given) <= MOST
        return "" if fits else T("Enter a sum.")
    if ask.kind == "flag":
        return "" if isinstance(given, bool) else T("Say yes or no.")
    return "" if isinstance(given, str) and len(given) <= LONGEST_MESSAGE else T("This is too long.")


def in_words(session: WorkSession, lack: Lack) -> str:
    """What a rule says, in the person's language."""
    words = session.words(session.access.language, lack.text)
    return words % lack.values if lack.values else words


def _expect_status(session: WorkSession, code: str) -> Status:
    known = statuses(session.hooks)
    if code not in known:
        raise Invalid({"status": [T("There is no such status.")]})
    return known[code]


def _expect_allowed(session: WorkSession, answer: Answer) -> None:
    if answer.refused:
        said: dict[str, list[str]] = {}
        for lack in answer.lacks:
            said.setdefault(lack.rule, []).append(in_words(session, lack))
        raise RuleRefusal(answer, said)
    errors: dict[str, list[str]] = {
        ask.name: [T("Tick this if it is so.") if ask.kind == "flag" else T("Fill this in.")] for ask in answer.needs
    }
    for lack in answer.missing:
        errors.setdefault(lack.field, []).append(in_words(session, lack))
    if errors:
        raise InputNeeded(answer, errors)


def _overtaken(session: WorkSession, order: DeliveryOrder) -> Conflict:
    last = select(StatusChange.created_by_id).where(StatusChange.order_id == order.id)
    who = session.scalar(last.order_by(StatusChange.id.desc()).limit(1))
    return Conflict(
        "%(name)s has set another status meanwhile: %(status)s.",
        name=name_of(session, who),
        status=statuses(session.hooks)[order.status].title,
    )


def _write(session: WorkSession, order: DeliveryOrder, status: Status, facts: Facts) -> None:
    """Give it the status with what was found and given for it."""
    document = head_of(session, order.id)
    before, now, since = order.status, session.now(), order.status_since
    order.status, order.status_since = status.code, now
    if status.code == "handed_to_delivery":
        order.dispatch_note = str(facts.answers.get("message", "")).strip()
    spent = int((now - since).total_seconds())
    change = StatusChange(
        order_id=order.id,
        at=now,
        before=before,
        after=status.code,
        seconds=spent,
        comment=facts.comment,
        answers=dict(facts.answers),
    )
    session.add(change)
    show_state(session, document, status)
    session.flush()
    titles = {
        "before": {"msgid": statuses(session.hooks)[before].title},
        "after": {"msgid": status.title},
    }
    timeline.add_entry(
        session,
        [subject_of(order)],
        MOVED,
        "%(before)s → %(after)s",
        titles,
        body=facts.comment,
        data={"seconds": spent},
    )
    _keep_call_back(session, order, document.customer_text, facts)
    orders.told(session, order)


def _keep_call_back(session: WorkSession, order: DeliveryOrder, client: str, facts: Facts) -> None:
    """«Перезвонить» makes the task to call; any other status ends it (S4-13)."""
    with session.unlimited("the call back of an order"):
        tasks.end_with_cause(session, subject_of(order), CALL_BACK)
        if order.status != "call_back":
            return
        assignee = order.responsible_id or session.access.user_id
        tasks.create_task(
            session,
            tasks.NewTask(
                title=T("Call back about the order: %(client)s"),
                title_values={"client": client},
                due_at=call_back_at(session.now(), facts),
                kind=CALL_BACK,
                subject=subject_of(order),
                assignee_id=assignee,
                department_id=order.department_id,
                branch_id=order.branch_id,
                origin=order.number,
            ),
        )


def call_back_at(now: datetime, facts: Facts) -> datetime:
    """The same time so many calendar days later by the dealership's clocks (C-15); the task moves it into working hours."""
    return (now.astimezone(facts.zone) + timedelta(days=facts.limits.call_back_days)).astimezone(UTC)
