"""Worksheets: made from a contact or by hand, moved through the stages of a sale, won or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, literal_column, select

from addons.contacts.models import Document, InboundContact, Make, VehicleModel
from addons.contacts.services.documents import NewDocument, add_document, head_of, index_document, show_state
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.vehicles import vehicle_title
from addons.sales.models import LostReason, Worksheet
from addons.sales.services import next_steps
from addons.sales.services.stages import CLOSED_STAGES, FIRST, Stage, stages
from core import (
    Conflict,
    Department,
    Invalid,
    Read,
    T,
    WorkSession,
    change_where,
    expect_reach,
    expect_record,
    name_of,
    numbers,
    publish,
    subject_of,
    timeline,
)

TYPE = "sales.worksheet"
SERIES = numbers.Series("sales.worksheet", "РЛ-%(number)06d")
MOVE = "sales.worksheet.move"
LONGEST_COMMENT = 300
LONGEST_INTEREST, LONGEST_STEP = 160, 200


@dataclass(frozen=True, slots=True)
class NewWorksheet:
    """What a worksheet begins with. ``budget`` is in kopecks, ``next_step_at`` aware."""

    customer_id: int | None = None
    customer_text: str = ""
    vehicle_id: int | None = None
    make_id: int | None = None
    model_id: int | None = None
    interest: str = ""
    responsible_id: int | None = None
    department_id: int | None = None
    branch_id: int | None = None
    lead_source_id: int | None = None
    budget: int | None = None
    trade_in: str = ""
    next_step: str = ""
    next_step_at: datetime | None = None
    note: str = ""


def create_from_contact(session: WorkSession, contact: InboundContact) -> Document:
    """A worksheet with the contact's client and the car he asked about (S0-32)."""
    return create_worksheet(session, _of_contact(session, contact))


def leave_interest(session: WorkSession, contact: InboundContact, at: datetime) -> Document:
    """What a client wants, on the workplace of the manager who could not talk with him (S3-27): to be taken up at ``at``."""
    new = _of_contact(session, contact)
    told = (contact.topic, contact.wish, contact.client_text, contact.phone, contact.email, contact.note)
    with session.unlimited("an interest left to a manager"):
        return create_worksheet(
            session,
            replace(
                new,
                interest=new.interest or contact.topic[:LONGEST_INTEREST],
                next_step=(contact.wish or contact.topic)[:LONGEST_STEP],
                next_step_at=at,
                note="\n".join(text for text in told if text),
            ),
        )


def take_back(session: WorkSession, document: Document) -> None:
    """The interest was left by mistake, and its registration is undone at once: the deal is over before it began.

    :raises Conflict: when somebody works on it already.
    """
    with session.unlimited("an interest that was taken back"):
        worksheet = session.get_one(Worksheet, document.id)
        if worksheet.stage != FIRST.code or worksheet.version > 1:
            raise Conflict("Somebody works on the worksheet %(number)s already.", number=worksheet.number)
        _move(session, worksheet, stages(session.hooks)["lost"], None, "")
        timeline.add_entry(session, [subject_of(worksheet)], "sales.taken_back", T("Its registration was undone"), {})


def _of_contact(session: WorkSession, contact: InboundContact) -> NewWorksheet:
    return NewWorksheet(
        customer_id=contact.customer_id,
        customer_text=contact.client_text,
        vehicle_id=contact.vehicle_id,
        make_id=contact.make_id,
        model_id=contact.model_id,
        interest=contact.vehicle_text,
        responsible_id=contact.responsible_id or session.access.user_id,
        department_id=contact.department_id,
        branch_id=contact.branch_id,
        lead_source_id=contact.lead_source_id,
        note=contact.note,
    )


def create_worksheet(session: WorkSession, new: NewWorksheet) -> Document:
    """Open a worksheet.

    :raises Invalid: when nothing at all is said about the client, or make and model do not fit.
    :returns: its head row in the journal of documents.
    """
    expect_client(new.customer_id, new.customer_text)
    customer = visible_customer(session, new.customer_id) if new.customer_id else None
    interest = interest_of(session, new.make_id, new.model_id, new.interest)
    document = add_document(
        session,
        NewDocument(
            type=TYPE,
            series=SERIES,
            state=FIRST,
            title=interest,
            customer_id=customer.id if customer else None,
            customer_text=customer.name if customer else new.customer_text.strip(),
            vehicle_id=new.vehicle_id,
            vehicle_text=interest,
            responsible_id=new.responsible_id,
            department_id=new.department_id,
            branch_id=new.branch_id or _branch_of(session, new.department_id),
            amount=new.budget,
        ),
    )
    session.add(
        Worksheet(
            id=document.id,
            number=document.number,
            stage=FIRST.code,
            stage_since=session.now(),
            customer_id=document.customer_id,
            customer_text="" if customer else document.customer_text,
            responsible_id=document.responsible_id,
            department_id=document.department_id,
            branch_id=document.branch_id,
            make_id=new.make_id,
            model_id=new.model_id,
            interest=interest,
            lead_source_id=new.lead_source_id,
            budget=new.budget,
            trade_in=new.trade_in.strip(),
            next_step=new.next_step.strip(),
            next_step_at=new.next_step_at,
            note=new.note.strip(),
        )
    )
    session.flush()
    next_steps.keep(session, session.get_one(Worksheet, document.id))
    publish(session, "sales.worksheets", worksheet=document.id)
    return document


def meet(session: WorkSession, document: Document) -> None:
    """Take over the client whom the contact's specialist has identified meanwhile."""
    with session.unlimited("the client of a worksheet"):
        worksheet = session.get_one(Worksheet, document.id)
        worksheet.customer_id, worksheet.customer_text = document.customer_id, ""
        session.flush()
        next_steps.keep(session, worksheet, next_steps.wanted(session, worksheet))
    publish(session, "sales.worksheets", worksheet=document.id)


def expect_client(customer_id: int | None, customer_text: str) -> None:
    """Refuse a worksheet that says nothing at all about the client.

    :raises Invalid: naming the two fields of the form.
    """
    if customer_id is None and not customer_text.strip():
        words = [T("Choose a client or write who it is.")]
        raise Invalid({"customer_id": words, "customer_text": words})


def interest_of(session: WorkSession, make_id: int | None, model_id: int | None, text: str) -> str:
    """The car a client wants, from the directories if it is in them, else in his words.

    :raises Invalid: when the model is of another make.
    """
    make = session.get(Make, make_id) if make_id else None
    model = session.get(VehicleModel, model_id) if model_id else None
    if model is not None and (make is None or model.make_id != make.id):
        raise Invalid({"model_id": [T("This model belongs to another make.")]})
    return vehicle_title(make, model) or text.strip()


def _branch_of(session: WorkSession, department_id: int | None) -> int | None:
    if department_id is None:
        return None
    return session.scalar(select(Department.branch_id).where(Department.id == department_id))


def get_worksheet(session: WorkSession, worksheet_id: int) -> Worksheet:
    """A worksheet the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, Worksheet, worksheet_id, T("There is no such worksheet."))


def move(
    session: WorkSession, worksheet_id: int, stage: str, *, lost_reason_id: int | None = None, comment: str = ""
) -> Worksheet:
    """Move a worksheet to another stage; losing it demands a reason.

    :raises Invalid: for an unknown stage, a loss without a reason, or a comment that is too long.
    :raises Conflict: when the deal is over already, or somebody moved it meanwhile.
    :raises Refusal: what the guard of an addon's stage says.
    """
    worksheet = get_worksheet(session, worksheet_id)
    expect_reach(session, worksheet, MOVE)
    known = stages(session.hooks)
    if stage not in known:
        raise Invalid({"stage": [T("There is no such stage.")]})
    if worksheet.stage == stage:
        return worksheet
    if worksheet.stage in CLOSED_STAGES:
        raise Conflict("This deal is over: %(stage)s.", stage=known[worksheet.stage].title)
    reason = session.get(LostReason, lost_reason_id) if lost_reason_id else None
    if stage == "lost" and (reason is None or not reason.active):
        raise Invalid({"lost_reason_id": [T("Choose why the deal was lost.")]})
    if len(comment.strip()) > LONGEST_COMMENT:
        raise Invalid({"comment": [T("This is too long.")]})
    refusal = guard(session, worksheet) if (guard := known[stage].guard) is not None else None
    if refusal is not None:
        raise refusal
    _move(session, worksheet, known[stage], reason, comment)
    return worksheet


def _move(session: WorkSession, worksheet: Worksheet, stage: Stage, reason: LostReason | None, comment: str) -> None:
    known = stages(session.hooks)
    before, now, step = known[worksheet.stage], session.now(), next_steps.wanted(session, worksheet)
    values = {
        "stage": stage.code,
        "stage_since": now,
        "lost_reason_id": reason.id if reason else None,
        "lost_comment": comment.strip() if reason else "",
    }
    spent = now - worksheet.stage_since
    conditions = [Worksheet.id == worksheet.id, Worksheet.stage == before.code]
    if not change_where(session, Worksheet, conditions, values, action="worksheet.moved"):
        session.refresh(worksheet)
        who = name_of(session, worksheet.updated_by_id)
        raise Conflict(
            "%(name)s has moved this worksheet meanwhile: %(stage)s.", name=who, stage=known[worksheet.stage].title
        )
    document = head_of(session, worksheet.id)
    show_state(session, document, stage)
    index_document(session, document)
    next_steps.keep(session, worksheet, step)
    timeline.add_entry(
        session,
        [subject_of(worksheet)],
        "sales.stage",
        "%(before)s → %(after)s",
        {"before": {"msgid": before.title}, "after": {"msgid": stage.title}},
        body=comment.strip(),
        data={"seconds": int(spent.total_seconds())},
    )
    publish(session, "sales.worksheets", worksheet=worksheet.id)


def lost_reasons(session: WorkSession) -> list[LostReason]:
    """The reasons that can be chosen."""
    statement = select(LostReason).where(LostReason.active)
    return list(session.scalars(statement.order_by(LostReason.position, LostReason.id)))


_SOLD: Select[*tuple[Any, ...]] = (
    select(Worksheet.id)
    .where(Worksheet.customer_id == bindparam("customer", type_=BigInteger), Worksheet.stage == "delivered")
    .limit(literal_column("1"))
)


def finished_business(customer_id: int) -> Read:
    """Reads whether this client has bought a car here, in any branch (T-1)."""
    return Read(_SOLD, {"customer": customer_id}, everything=True)
