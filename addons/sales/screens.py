"""The lists, cards and forms of sales, as declarations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sqlalchemy import func

from addons.contacts.models import Customer, Document, LeadSource, Make, VehicleModel
from addons.contacts.screens.shared import CLIENT
from addons.sales.models import LostReason, Worksheet
from addons.sales.services import board, head, records
from addons.sales.services.stages import CLOSED_STAGES, STAGES, Stage, stages
from core import (
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Hooks,
    InLanguage,
    Join,
    Lookup,
    Missing,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    T,
    Total,
    User,
    View,
    named_by,
    shown_name,
    with_choices,
)

if TYPE_CHECKING:
    from core import Formats

_LATE = Markup('<span class="ink-bad" title="{}">{}</span>')


def _steps_due(values: Sequence[tuple[Any, str]], formats: Formats) -> Sequence[Any]:
    """When the next steps are due; what is late in an open deal looks as it does on the board."""
    now, late = formats.viewer.session.now(), formats.translate(T("late"))
    return [
        ""
        if at is None
        else _LATE.format(late, formats.moment(at))
        if at < now and stage not in CLOSED_STAGES
        else formats.moment(at)
        for at, stage in values
    ]


def _choices(shown: Iterable[Stage]) -> tuple[Choice, ...]:
    return tuple(Choice(stage.code, stage.title, stage.look) for stage in shown)


STAGE_CHOICES = _choices(STAGES)

WORKSHEETS = Screen(
    key="sales.worksheets",
    model=Worksheet,
    thing="sales.worksheet",
    path="/sales",
    title=T("Worksheets"),
    one=T("Worksheet"),
    icon="car",
    menu="sales",
    joins=(
        Join(Document, Document.id == Worksheet.id),
        Join(Customer, Customer.id == Worksheet.customer_id),
        Join(User, User.id == Worksheet.responsible_id),
    ),
    columns=(
        Column(
            "number",
            Worksheet.number,
            T("Number"),
            link="card",
            phone="who",
            second=Document.customer_text,
            second_label=T("Client"),
        ),
        Column("at", Document.at, T("Date"), kind="day", phone="time"),
        Column("phone", Customer.main_phone, T("Phone"), kind="phone", sortable=False, narrow=False),
        Column("interest", Worksheet.interest, T("Vehicle of interest"), phone="goal"),
        Column("budget", Worksheet.budget, T("Budget"), kind="money", narrow=False),
        Column("responsible", shown_name, T("Responsible"), kind="person"),
        Column(
            "next_step_at",
            Worksheet.next_step_at,
            T("Next step"),
            kind="moment",
            second=Worksheet.next_step,
            second_label=T("What to do"),
            extra=(Worksheet.stage,),
            draw=_steps_due,
        ),
        Column("stage", Worksheet.stage, T("Stage"), kind="state", choices=STAGE_CHOICES, phone="flags"),
        Column("stage_since", Worksheet.stage_since, T("In this stage since"), kind="moment", shown=False),
    ),
    filters=(
        ChoiceFilter("stage", T("Stage"), Worksheet.stage, STAGE_CHOICES),
        FlagFilter("open", T("Open ones"), Worksheet.stage.not_in(CLOSED_STAGES)),
        PersonFilter("responsible", T("Responsible"), Worksheet.responsible_id),
        PeriodFilter("period", T("Period"), Document.at),
        PeriodFilter("next_step", T("Next step"), Worksheet.next_step_at),
    ),
    search=Document.search_key,
    order=("-at",),
    groupings=(
        Grouping(
            "responsible",
            T("Responsible"),
            Worksheet.responsible_id,
            title=shown_name,
            totals=(Total("budget", func.sum(Worksheet.budget), T("budgets"), kind="money"),),
        ),
        Grouping(
            "stage",
            T("Stage"),
            Worksheet.stage,
            choices=STAGE_CHOICES,
            totals=(Total("budget", func.sum(Worksheet.budget), T("budgets"), kind="money"),),
        ),
    ),
    ready=(
        ReadyFilter("mine", T("Mine"), {"responsible": "me", "open": "1"}),
        ReadyFilter("open", T("Open ones"), {"open": "1"}),
        ReadyFilter("today", T("Step today"), {"next_step": "today", "open": "1"}),
        ReadyFilter("lost", T("Lost"), {"stage": "lost"}),
    ),
    views=(View("board", T("Board"), "layout-kanban", "sales/board.html", board.columns),),
    sections=(
        Section(
            T("Client"),
            (
                Field("customer_id", T("Client"), lookup=CLIENT),
                Field(
                    "customer_text",
                    T("Or who it is, in words"),
                    hint=T("For somebody who is in no directory yet."),
                    on_card=T("Description"),
                ),
            ),
        ),
        Section(
            T("Vehicle of interest"),
            (
                Field("make_id", T("Make"), lookup=Lookup(Make, Make.name, where=(Make.active,))),
                Field(
                    "model_id", T("Model"), lookup=Lookup(VehicleModel, VehicleModel.name, where=(VehicleModel.active,))
                ),
                Field("interest", T("In words"), beside=("make_id", "model_id")),
                Field("budget", T("Budget, ₽"), kind="money"),
                Field("trade_in", T("Trade-in")),
                Field(
                    "lead_source_id",
                    T("Lead source"),
                    lookup=Lookup(
                        LeadSource, InLanguage(LeadSource.title_ru, LeadSource.title_en), where=(LeadSource.active,)
                    ),
                ),
            ),
        ),
        Section(
            T("Next step"),
            (
                Field("next_step", T("What to do")),
                Field("next_step_at", T("When")),
            ),
            missing=Missing(
                T("No next step is planned."), T("Plan it"), lambda worksheet: worksheet.stage not in CLOSED_STAGES
            ),
        ),
        Section(
            T("Deal"),
            (
                Field("responsible_id", T("Responsible"), lookup=Lookup(User, User.full_name, where=(User.active,))),
                Field("note", T("Note"), wide=True),
            ),
        ),
    ),
    allow=frozenset({"create", "change"}),
    templates={"card": "sales/worksheet.html"},
    card_context=head.context,
    create=records.create,
    change=records.change,
)

LOST_REASONS = Screen(
    key="sales.lost_reasons",
    model=LostReason,
    thing="sales.lost_reason",
    path="/lost-reasons",
    title=T("Reasons of loss"),
    one=T("Reason of loss"),
    icon="list-details",
    menu="directories",
    directory=True,
    columns=(
        Column(
            "title",
            InLanguage(LostReason.title_ru, LostReason.title_en),
            T("Title"),
            link="card",
            phone="who",
            sortable=False,
        ),
        Column("position", LostReason.position, T("Place in lists"), kind="number"),
        Column("active", LostReason.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), LostReason.active),),
    order=("position",),
    sections=(
        Section(
            T("Reason of loss"),
            (
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    named=named_by("title"),
)


def screens(hooks: Hooks) -> list[Screen]:
    """Every generated screen of sales, with the stages of other addons."""
    return [with_choices(WORKSHEETS, stage=_choices(stages(hooks).values())), LOST_REASONS]
