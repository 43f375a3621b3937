"""What a person is shown of the line: the calls of his own phone, and those of his branch that nobody has answered (S3-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, update

from addons.contacts.models import InboundContact
from addons.contacts.services.callers import KnownCaller, clients_with
from addons.contacts.services.documents import OpenDocument, documents_in, documents_read
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.states import REAL
from addons.contacts.services.vehicles import vehicles_read
from addons.telephony.models import CallContact, Line, LiveCall, LivePhone, Order, Pbx
from addons.telephony.services import live, orders
from addons.telephony.services.on_line import RINGING
from addons.telephony.services.vocabulary import IN, INTERNAL
from core import Access, NotFound, Read, Scope, T, WorkSession, get_record, kept, name_of, names_of

READ, USE = "telephony.line.read", "telephony.line.use"
SHOWN = 6
TOLD_FOR = timedelta(seconds=45)
"""How long somebody is told that an order came to nothing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a number: whose it is, and of one client what he drives, what is open, who is responsible."""

    clients: Sequence[KnownCaller] = ()
    vehicles: Sequence[Any] = ()
    documents: Sequence[OpenDocument] = ()
    responsible: str = ""

    @property
    def name(self) -> str:
        """The names of all whose number it is."""
        return ", ".join(each.name for each in self.clients)

    @property
    def customer_id(self) -> int | None:
        """The client, where the number is one's alone."""
        return self.clients[0].id if len(self.clients) == 1 else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as a person sees it; ``phone`` is his own in it, or nothing for a call that others are to answer."""

    call: LiveCall
    phone: LivePhone | None
    caller: Caller
    line: str
    people: Sequence[str]
    abilities: frozenset[str]
    contact: InboundContact | None = None
    responsible: str = ""
    """Who is responsible for the client, else for the contact that the call is about."""


@dataclass(slots=True)
class OnTheLine:
    """All that a person is shown."""

    mine: list[Shown] = field(default_factory=list)
    others: list[Shown] = field(default_factory=list)
    problem: str = ""
    detail: str = ""


def topics(access: Access) -> str:
    """The live events that change what a person is shown."""
    return f"{live.MINE} {live.UNANSWERED}" if _watches(access) else live.MINE


def count(access: Access) -> Select[int]:
    """Counts what a person is shown."""
    return select(func.count(LiveCall.id)).where(_seen(access))


def lines_read(user_ids: Sequence[int]) -> Read:
    """Reads whose telephone is taken, and by what."""
    return Read(_LINES, {"users": sorted(user_ids)})


_LINES: Select[*tuple[Any, ...]] = (
    select(
        LivePhone.user_id,
        case((func.max(case((LivePhone.state == RINGING, 0), else_=1)) == 0, RINGING), else_="call").label("line"),
    )
    .where(LivePhone.user_id.in_(bindparam("users", expanding=True)))
    .group_by(LivePhone.user_id)
)


def _watches(access: Access) -> bool:
    """Whether somebody sees the calls that others are to answer."""
    return access.scope(READ) >= Scope.BRANCH


def _seen(access: Access) -> ColumnElement[bool]:
    mine = LiveCall.id.in_(select(LivePhone.call_id).where(LivePhone.user_id == access.user_id))
    seen = and_(mine, LiveCall.direction != INTERNAL)
    if not _watches(access):
        return seen
    open_ones = and_(LiveCall.direction == IN, LiveCall.answered_at.is_(None))
    if access.scope(READ) < Scope.ALL:
        open_ones = and_(open_ones, LiveCall.branch_id.in_(sorted(access.branch_ids)))
    return or_(seen, open_ones)


def on_the_line(session: WorkSession) -> OnTheLine:
    """What the session's person is shown at this moment."""
    me, found = session.access.user_id, OnTheLine()
    rows = session.scalars(
        select(LiveCall).where(_seen(session.access)).order_by(LiveCall.started_at, LiveCall.id).limit(SHOWN)
    ).all()
    ids = [row.id for row in rows]
    phones = session.scalars(select(LivePhone).where(LivePhone.call_id.in_(ids)).order_by(LivePhone.id)).all()
    names = names_of(session, [phone.user_id for phone in phones])
    titles = dict(session.execute(select(Line.id, Line.title).where(Line.id.in_([row.line_id for row in rows]))).all())
    for row in rows:
        there = [phone for phone in phones if phone.call_id == row.id]
        mine = next((phone for phone in there if phone.user_id == me), None)
        people = [names.get(phone.user_id or 0) or phone.ext for phone in there if phone is not mine]
        pbx = session.get_one(Pbx, row.pbx_id)
        caller = caller_of(session, row.phone) if mine is not None else Caller(clients_with(session, row.phone))
        contact = contact_of(session, row) if mine is not None else None
        shown = Shown(
            call=row,
            phone=mine,
            caller=caller,
            line=titles.get(row.line_id or 0, ""),
            people=people,
            abilities=orders.abilities(session, pbx) if session.access.may(USE) else frozenset(),
            contact=contact,
            responsible=caller.responsible or (name_of(session, contact.responsible_id) if contact is not None else ""),
        )
        (found.others if mine is None else found.mine).append(shown)
    found.problem, found.detail = _problem(session)
    return found


def caller_of(session: WorkSession, number: str) -> Caller:
    """What is known of a number, as far as the session's person may know it (S2-09)."""
    clients = clients_with(session, number) if number else []
    if len(clients) != 1:
        return Caller(clients)
    customer_id = clients[0].id
    reads = {"vehicles": vehicles_read(customer_id), "documents": documents_read(customer_id)}
    found = kept.gather(session, reads)
    documents = documents_in(found["documents"])
    try:
        responsible = name_of(session, visible_customer(session, customer_id).responsible_id)
    except NotFound:
        responsible = ""
    responsible = responsible or next((each.responsible for each in documents if each.responsible), "")
    return Caller(clients, found["vehicles"], documents, responsible)


def contact_of(session: WorkSession, call: LiveCall) -> InboundContact | None:
    """The contact that a call is about, if there is one already and the person may see it."""
    of_call = select(CallContact.contact_id).join(InboundContact, InboundContact.id == CallContact.contact_id)
    number = session.scalar(of_call.where(CallContact.pbx_id == call.pbx_id, CallContact.key == call.key, REAL))
    return get_record(session, InboundContact, number) if number is not None else None


def open_once(session: WorkSession, phone_id: int) -> bool:
    """Whether this page is the one that opens the call's form: of all tabs and browsers of a person one does (S3-02)."""
    mine = (LivePhone.id == phone_id, LivePhone.user_id == session.access.user_id, LivePhone.state != RINGING)
    statement = update(LivePhone).where(*mine, LivePhone.opened_at.is_(None)).values(opened_at=session.now())
    opened = session.execute(statement.returning(LivePhone.id).execution_options(synchronize_session=False))
    return opened.scalar() is not None


def _problem(session: WorkSession) -> tuple[str, str]:
    """What stood in the way of the person's last order, as long as he is to be told."""
    mine = (Order.user_id == session.access.user_id, Order.created_at > session.now() - TOLD_FOR)
    last = session.scalars(select(Order).where(*mine).order_by(Order.id.desc()).limit(1)).one_or_none()
    if last is None or last.state != orders.FAILED:
        return "", ""
    return str(orders.PROBLEMS.get(last.problem, T("The exchange refused it."))), last.detail
