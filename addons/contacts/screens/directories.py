"""Contact goals, and the short directories with titles in both languages."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import ContactGoal, IgnoreReason, LeadSource, RequestReason
from addons.contacts.screens.shared import CHANNEL_CHOICES, branch_title, department_title
from addons.contacts.services import records
from addons.contacts.services.listing import DEPARTMENT_IN_BRANCH
from addons.contacts.services.vocabulary import CATEGORIES, ROUTES
from core import (
    Branch,
    Choice,
    ChoiceFilter,
    Column,
    Department,
    Field,
    FlagFilter,
    InLanguage,
    Join,
    Lookup,
    LookupFilter,
    Screen,
    Section,
    T,
    named_by,
)

CATEGORY_CHOICES = tuple(Choice(code, title) for code, title in CATEGORIES.items())
ROUTE_CHOICES = tuple(Choice(each.code, each.title) for each in ROUTES)

DEPARTMENT = Lookup(Department, DEPARTMENT_IN_BRANCH, where=(Department.active,))

GOALS = Screen(
    key="contacts.goals",
    model=ContactGoal,
    thing="contacts.goal",
    path="/goals",
    title=T("Contact goals"),
    one=T("Contact goal"),
    icon="target-arrow",
    menu="directories",
    directory=True,
    joins=(
        Join(Department, Department.id == ContactGoal.department_id),
        Join(Branch, Branch.id == Department.branch_id),
    ),
    columns=(
        Column("channel", ContactGoal.channel, T("Channel"), kind="channel", choices=CHANNEL_CHOICES, phone="channel"),
        Column(
            "purpose",
            InLanguage(ContactGoal.purpose_ru, ContactGoal.purpose_en),
            T("Purpose"),
            link="card",
            phone="who",
            sortable=False,
        ),
        Column(
            "department", department_title, T("Department"), second=branch_title, second_label=T("Branch"), phone="goal"
        ),
        Column("category", ContactGoal.category, T("Category"), kind="choice", choices=CATEGORY_CHOICES),
        Column("route", ContactGoal.route, T("Route"), kind="choice", choices=ROUTE_CHOICES),
        Column("norm_minutes", ContactGoal.norm_minutes, T("Norm, min"), kind="number"),
        Column("active", ContactGoal.active, T("In use"), kind="bool"),
    ),
    filters=(
        ChoiceFilter("channel", T("Channel"), ContactGoal.channel, CHANNEL_CHOICES),
        LookupFilter("department", T("Department"), ContactGoal.department_id, Department, DEPARTMENT_IN_BRANCH),
        FlagFilter("active", T("In use"), ContactGoal.active),
    ),
    order=("channel",),
    sections=(
        Section(
            T("Contact goal"),
            (
                Field("channel", T("Channel"), choices=CHANNEL_CHOICES),
                Field("department_id", T("Department"), lookup=DEPARTMENT),
                Field("purpose_ru", T("Purpose in Russian")),
                Field("purpose_en", T("Purpose in English")),
                Field("category", T("Category"), choices=CATEGORY_CHOICES, default="other"),
                Field("route", T("Route"), choices=ROUTE_CHOICES, default="document"),
                Field("norm_minutes", T("Norm, min"), minimum=1, maximum=1440, default=5),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("is_request", T("Potential client"), default=True),
                Field("result_required", T("A result is required"), default=True),
                Field("allows_callback", T("May be called back"), default=True),
                Field("active", T("In use"), default=True),
            ),
        ),
        Section(
            T("Talk script"),
            (
                Field("script_ru", T("Script in Russian, a phrase a line"), wide=True),
                Field("script_en", T("Script in English, a phrase a line"), wide=True),
            ),
        ),
    ),
    named=named_by("purpose"),
)


def _directory(
    key: str, model: Any, path: str, title: str, one: str, extra: tuple[Field, ...] = (), **services: Any
) -> Screen:
    """A short directory with titles in both languages."""
    return Screen(
        key=key,
        model=model,
        thing="contacts.directory",
        path=path,
        title=title,
        one=one,
        icon="list-details",
        menu="directories",
        directory=True,
        columns=(
            Column(
                "title",
                InLanguage(model.title_ru, model.title_en),
                T("Title"),
                link="card",
                phone="who",
                sortable=False,
            ),
            Column("position", model.position, T("Place in lists"), kind="number", phone="flags"),
            Column("active", model.active, T("In use"), kind="bool"),
        ),
        filters=(FlagFilter("active", T("In use"), model.active),),
        order=("position",),
        sections=(
            Section(
                one,
                (
                    Field("title_ru", T("Title in Russian")),
                    Field("title_en", T("Title in English")),
                    *extra,
                    Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                    Field("active", T("In use"), default=True),
                ),
            ),
        ),
        named=named_by("title"),
        **services,
    )


DIRECTORIES = (
    _directory(
        "contacts.ignore_reasons",
        IgnoreReason,
        "/ignore-reasons",
        T("Reasons to ignore"),
        T("Reason to ignore"),
        (Field("comment_required", T("A comment is required")),),
    ),
    _directory("contacts.reasons", RequestReason, "/request-reasons", T("Request reasons"), T("Request reason")),
    _directory(
        "contacts.sources",
        LeadSource,
        "/lead-sources",
        T("Lead sources"),
        T("Lead source"),
        (
            Field("called_line", T("Called line")),
            Field("utm_source", T("UTM source")),
            Field("form_name", T("Form of the site")),
        ),
        create=records.create_source,
        change=records.change_source,
    ),
)
