"""Sites and messengers that send us what their clients write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal, IntakeSource, LeadSource
from addons.contacts.screens.shared import CHANNEL_CHOICES
from addons.contacts.services.intake import forms, jivosite, sources, telegram, whatsapp
from addons.contacts.services.listing import DEPARTMENT_IN_BRANCH, goal_titles
from core import (
    Column,
    Department,
    Field,
    FlagFilter,
    Follows,
    InLanguage,
    Join,
    Lookup,
    Screen,
    Section,
    T,
)

_PURPOSE = InLanguage(ContactGoal.purpose_ru, ContactGoal.purpose_en)


def _with_department(department: Any, purpose: Any) -> Any:
    own = select(department).where(Department.id == ContactGoal.department_id).correlate(ContactGoal)
    return own.scalar_subquery() + " · " + purpose


_TITLE = InLanguage(
    _with_department(DEPARTMENT_IN_BRANCH.ru, ContactGoal.purpose_ru),
    _with_department(DEPARTMENT_IN_BRANCH.en, ContactGoal.purpose_en),
)
GOAL = Lookup(ContactGoal, _TITLE, where=(ContactGoal.active,), words=goal_titles)
LEAD_SOURCE = Lookup(LeadSource, InLanguage(LeadSource.title_ru, LeadSource.title_en), where=(LeadSource.active,))

_OWN = (*forms.ADAPTERS, telegram.ADAPTER, whatsapp.ADAPTER, jivosite.ADAPTER)


def _only_of(kind: str) -> Follows:
    """A field that the other kinds of contacts do not ask for."""
    return Follows("adapter", unasked=tuple(each.code for each in _OWN if each.code != kind))


SOURCES = Screen(
    key="contacts.intake_sources",
    model=IntakeSource,
    thing="contacts.source",
    path="/intake-sources",
    title=T("Sites and messengers"),
    one=T("Site or messenger"),
    icon="world",
    menu="directories",
    directory=True,
    joins=(
        Join(ContactGoal, ContactGoal.id == IntakeSource.goal_id),
        Join(Department, Department.id == ContactGoal.department_id),
    ),
    columns=(
        Column("title", IntakeSource.title, T("Title"), link="card", phone="who"),
        Column("adapter", IntakeSource.adapter, T("Kind"), kind="choice", choices=(), phone="goal"),
        Column("address", IntakeSource.address, T("Address"), kind="code", sortable=False),
        Column("channel", ContactGoal.channel, T("Channel"), kind="channel", choices=CHANNEL_CHOICES, phone="channel"),
        Column("goal", _PURPOSE, T("Goal"), second=DEPARTMENT_IN_BRANCH, second_label=T("Department"), sortable=False),
        Column("active", IntakeSource.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), IntakeSource.active),),
    order=("title",),
    sections=(
        Section(
            T("Site or messenger"),
            (
                Field("title", T("Title")),
                Field("adapter", T("Kind"), choices=(), required=True, default=forms.SIGNED),
                Field("goal_id", T("Goal of its contacts"), lookup=GOAL, preset=sources.fitting_goal),
                Field(
                    "lead_source_id", T("Lead source"), lookup=LEAD_SOURCE, hint=T("Unless the link says another one.")
                ),
                Field(
                    "call_at_once", T("Call the client at once"), hint=T("As far as the telephone exchange can do it.")
                ),
                Field(
                    "account",
                    T("Our number there"),
                    hint=T("WhatsApp: the identifier of the phone number, to write from."),
                    follows=_only_of(whatsapp.ADAPTER.code),
                ),
                Field(
                    "networks",
                    T("Addresses it sends from, one a line"),
                    hint=T("Only for forms of the old kind, which sign nothing."),
                    wide=True,
                    follows=_only_of(forms.UNSIGNED),
                ),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=sources.create,
    change=sources.change,
)
