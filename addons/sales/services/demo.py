"""Worksheets of the demonstration: sales of former years, and those that the traffic of two months has led to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, Document, InboundContact, Make, VehicleModel
from addons.contacts.services.demo_names import FOR_SALE
from addons.contacts.services.demo_office import ZONE
from addons.sales.models import LostReason, Worksheet
from addons.sales.services import shipped
from addons.sales.services.demo_deals import (
    LOST_COMMENTS,
    NEXT_STEPS,
    Deal,
    KnownDeal,
    any_trade_in,
    any_wish,
    group_of,
    outcome,
    price_of,
    steps_to,
)
from addons.sales.services.stages import CLOSED_STAGES, STAGE
from addons.sales.services.worksheets import SERIES, TYPE
from core import Department, Subject, User, WorkSession, colleagues, demo, give_role, search_key, shipped_ids

OPENS, CLOSES = 10, 19
"""Hours at which a next step may be due."""
FORMER, CURRENT, LATEST = 45, 105, 40
LAST_NUMBER = 485
"""The next worksheet that somebody makes is РЛ-000486."""

KNOWN = (
    KnownDeal("Волкова Наталья", "sokolova", "Mercedes-Benz", "GLC", "contract", 21),
    KnownDeal("Кузнецова Ольга", "rumyantsev", "Haval", "Dargo", "selection", 5),
)
"""Deals of clients who are here now."""

VIKTOR = KnownDeal("Иванов Виктор", "petukhov", "Mercedes-Benz", "A-класс", "selection")
"""The deal of which the descriptions of the program tell: РЛ-000482."""
AFTER_VIKTOR = 3


def fill(session: WorkSession) -> None:
    """Add worksheets to a filled demonstration; one that has some already is left as it is."""
    if session.scalar(select(Worksheet.id).limit(1)) is not None:
        return
    shipped.bring(session)
    _roles(session)
    filler = _Filler(session)
    deals = [*filler.former(), *filler.current(), *filter(None, map(filler.known, KNOWN))]
    deals.sort(key=lambda deal: deal.created)
    if len(deals) >= AFTER_VIKTOR:
        place = len(deals) - AFTER_VIKTOR
        viktor = filler.known(VIKTOR, deals[place].created - timedelta(minutes=1))
        deals[place:place] = [viktor] if viktor is not None else []
    if deals:
        filler.store(deals)


def _roles(session: WorkSession) -> None:
    """Whoever handles contacts of a showroom sells there."""
    for department_id in session.scalars(select(Department.id).where(Department.kind == "showroom")):
        give_role(session, colleagues(session, role="specialist", department_id=department_id), "sales_manager")
        give_role(session, colleagues(session, role="traffic_head", department_id=department_id), "sales_head")


class _Filler:
    """Makes the deals and stores them, with what it has read once."""

    def __init__(self, session: WorkSession) -> None:
        self.session, self.now = session, session.now()
        self.rng = Random("Sales")  # noqa: S311 - the same deals every time
        self.people = dict(session.execute(select(User.login, User.id)).all())
        self.reasons = shipped_ids(session, LostReason)
        statement = select(Make.name, VehicleModel.name, Make.id, VehicleModel.id)
        rows = session.execute(statement.join(VehicleModel, VehicleModel.make_id == Make.id))
        self.cars = {(make, model): (make_id, model_id) for make, model, make_id, model_id in rows}
        self.prices = {f"{make} {model}": thousands for make, model, _, thousands in FOR_SALE}
        self.sellers = self._sellers()

    def _sellers(self) -> dict[int, tuple[int, list[int]]]:
        """The showroom of each branch and who sells there."""
        statement = select(Department.branch_id, Department.id).where(Department.kind == "showroom")
        places = self.session.execute(statement.order_by(Department.id)).all()
        return {
            branch: (place, colleagues(self.session, role="specialist", department_id=place))
            for branch, place in places
        }

    def former(self) -> list[Deal]:
        """Cars that were handed over before the two months, which makes their buyers repeat clients (T-1)."""
        statement = select(Customer).where(Customer.branch_id.in_(sorted(self.sellers))).order_by(Customer.id)
        customers = list(self.session.scalars(statement))
        deals = []
        for customer in self.rng.sample(customers, min(FORMER, len(customers))):
            created = self.now - timedelta(days=self.rng.randint(95, 900), minutes=self.rng.randrange(500))
            deal = self._deal(customer, created)
            end = created + timedelta(days=self.rng.randint(6, 30))
            deal.steps = steps_to(self.rng, "delivered", created, end)
            deals.append(deal)
        return deals

    def current(self) -> list[Deal]:
        """Deals from contacts about buying that have been talked through: the latest, then those with most contacts."""
        groups: dict[tuple[object, ...], list[InboundContact]] = {}
        for contact in self._contacts():
            if contact.customer_id is None and not contact.phone:
                continue  # nobody could call him back
            groups.setdefault(group_of(contact), []).append(contact)
        talked = sorted(groups.values(), key=lambda group: group[0].at, reverse=True)
        rest = sorted(talked[LATEST:], key=lambda group: (-len(group), self.rng.random()))
        return [self._from_contacts(group) for group in [*talked[:LATEST], *rest][:CURRENT]]

    def known(self, row: KnownDeal, created: datetime | None = None) -> Deal | None:
        """A deal of a client the contacts know by name."""
        found = select(Customer).where(Customer.name.startswith(row.client)).order_by(Customer.id).limit(1)
        customer = self.session.scalars(found).one_or_none()
        if customer is None or row.login not in self.people or customer.branch_id not in self.sellers:
            return None
        deal = self._deal(customer, created or self.now - timedelta(days=row.age, hours=2))
        self._want(deal, row.make, row.model)
        deal.responsible_id = self.people[row.login]
        deal.steps = steps_to(self.rng, row.stage, deal.created, self.now - (self.now - deal.created) / 3)
        return deal

    def _contacts(self) -> Sequence[InboundContact]:
        statement = (
            select(InboundContact)
            .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
            .where(
                ContactGoal.category == "sale",
                InboundContact.state == "processed",
                InboundContact.document_id.is_(None),
                InboundContact.responsible_id.is_not(None),
            )
            .order_by(InboundContact.at, InboundContact.id)
        )
        return self.session.scalars(statement).all()

    def _from_contacts(self, group: Sequence[InboundContact]) -> Deal:
        first, last = group[0], group[-1]
        created = first.finished_at or first.at
        deal = Deal(
            created=created,
            customer_id=first.customer_id,
            customer_text=first.client_text,
            phone=first.phone,
            make_id=first.make_id,
            model_id=first.model_id,
            interest=first.vehicle_text,
            responsible_id=first.responsible_id or 0,
            department_id=first.department_id,
            branch_id=first.branch_id,
            lead_source_id=first.lead_source_id,
            note=first.note,
            price=price_of(self.rng, self.prices.get(first.vehicle_text, 2500)),
            trade_in=any_trade_in(self.rng),
            contacts=[contact.id for contact in group],
        )
        if not deal.interest:
            self._want(deal, *any_wish(self.rng)[:2])
        reached = "delivered" if "выдан" in last.result else outcome(self.rng, self.now - created)
        end = last.finished_at or last.at
        if reached != "delivered" or end <= created:
            end = created + (self.now - created) * self.rng.uniform(0.3, 0.95)
        deal.steps = steps_to(self.rng, reached, created, end)
        return deal

    def _deal(self, customer: Customer, created: datetime) -> Deal:
        department_id, sellers = self.sellers[customer.branch_id or 0]
        wish = any_wish(self.rng)
        make_id, model_id = self.cars[wish.make, wish.model]
        return Deal(
            created=created,
            customer_id=customer.id,
            customer_text=customer.name,
            phone=customer.main_phone,
            make_id=make_id,
            model_id=model_id,
            interest=f"{wish.make} {wish.model}",
            responsible_id=self.rng.choice(sellers),
            department_id=department_id,
            branch_id=customer.branch_id or 0,
            lead_source_id=customer.lead_source_id,
            price=wish.price,
            trade_in=any_trade_in(self.rng),
        )

    def _want(self, deal: Deal, make: str, model: str) -> None:
        deal.make_id, deal.model_id = self.cars[make, model]
        deal.interest = f"{make} {model}"
        deal.price = price_of(self.rng, self.prices.get(deal.interest, 2500))

    # --- storing ---------------------------------------------------------------------------------

    def store(self, deals: Sequence[Deal]) -> None:
        """Store the worksheets with their head rows and histories, and let the contacts lead to them."""
        for number, deal in enumerate(deals, start=LAST_NUMBER + 1 - len(deals)):
            deal.number = SERIES.form % {"number": number}
        ids = demo.add_records(self.session, Document, [self._document(deal) for deal in deals])
        for deal, id_ in zip(deals, ids, strict=True):
            deal.id = id_
        demo.add_rows(self.session, Worksheet, [self._worksheet(deal) for deal in deals])
        demo.add_entries(self.session, [line for deal in deals for line in _history(deal)])
        demo.continue_from(self.session, SERIES, LAST_NUMBER)
        links = {contact: deal.id for deal in deals for contact in deal.contacts}
        demo.set_column(self.session, InboundContact, "document_id", links)
        self._repeat(deals)

    def _document(self, deal: Deal) -> dict[str, Any]:
        stage = STAGE[deal.stage]
        return {
            "type": TYPE,
            "number": deal.number,
            "at": deal.created,
            "customer_id": deal.customer_id,
            "customer_text": deal.customer_text,
            "vehicle_text": deal.interest,
            "responsible_id": deal.responsible_id,
            "department_id": deal.department_id,
            "branch_id": deal.branch_id,
            "state": stage.code,
            "state_ru": self.session.words("ru", stage.title),
            "state_en": self.session.words("en", stage.title),
            "open": not stage.terminal,
            "title": deal.interest,
            "amount": deal.price,
            "search_key": search_key(deal.number, deal.customer_text, deal.phone, deal.interest),
            "created_at": deal.created,
            "created_by_id": deal.responsible_id,
        }

    def _worksheet(self, deal: Deal) -> dict[str, Any]:
        step, step_at = self._next_step(deal)
        reason = self.rng.choice(sorted(self.reasons)) if deal.stage == "lost" else ""
        return {
            "id": deal.id,
            "number": deal.number,
            "stage": deal.stage,
            "stage_since": deal.since,
            "customer_id": deal.customer_id,
            "customer_text": "" if deal.customer_id else deal.customer_text,
            "responsible_id": deal.responsible_id,
            "department_id": deal.department_id,
            "branch_id": deal.branch_id,
            "make_id": deal.make_id,
            "model_id": deal.model_id,
            "interest": deal.interest,
            "lead_source_id": deal.lead_source_id,
            "budget": deal.price,
            "trade_in": deal.trade_in,
            "next_step": step,
            "next_step_at": step_at,
            "note": deal.note,
            "lost_reason_id": self.reasons.get(reason),
            "lost_comment": LOST_COMMENTS.get(reason, ""),
            "created_at": deal.created,
            "created_by_id": deal.responsible_id,
        }

    def _next_step(self, deal: Deal) -> tuple[str, datetime | None]:
        """What is to be done next in an open deal: some of it is late, some due today, some has not been said."""
        if deal.stage in CLOSED_STAGES or self.rng.random() < 0.08:
            return "", None
        hours = self.rng.choices((-26, -3, 2, 5, 28, 75, 120), (10, 8, 14, 14, 22, 20, 12))[0]
        due = (self.now + timedelta(hours=hours)).replace(minute=self.rng.choice((0, 30)), second=0, microsecond=0)
        return self.rng.choice(NEXT_STEPS[deal.stage]), _by_day(due)

    def _repeat(self, deals: Sequence[Deal]) -> None:
        """A client who has bought a car is a repeat one from then on (T-1)."""
        bought: dict[int, datetime] = {}
        for deal in deals:
            if deal.stage == "delivered" and deal.customer_id is not None:
                bought[deal.customer_id] = min(deal.since, bought.get(deal.customer_id, deal.since))
        statement = select(InboundContact.id, InboundContact.customer_id, InboundContact.at)
        rows = self.session.execute(statement.where(InboundContact.customer_id.in_(sorted(bought))))
        repeat = {id_: False for id_, customer_id, at in rows if customer_id is not None and at > bought[customer_id]}
        demo.set_column(self.session, InboundContact, "is_primary", repeat)


def _by_day(moment: datetime) -> datetime:
    """The same day in working hours: clients are not called at night, whenever the demonstration was made."""
    local = moment.astimezone(ZONE)
    return local.replace(hour=min(max(local.hour, OPENS), CLOSES)).astimezone(UTC)


def _history(deal: Deal) -> list[tuple[Subject, Mapping[str, Any]]]:
    """The stages a deal went through, as its card shows them."""
    return [
        (
            Subject(Worksheet.__tablename__, deal.id),
            demo.entry(
                "sales.stage",
                at,
                deal.responsible_id,
                "%(before)s → %(after)s",
                title_values={"before": {"msgid": STAGE[before].title}, "after": {"msgid": STAGE[after].title}},
                data={"seconds": int((at - since).total_seconds())},
            ),
        )
        for (before, since), (after, at) in zip(deal.steps, deal.steps[1:], strict=False)
    ]
