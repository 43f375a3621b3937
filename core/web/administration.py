"""The lists, cards and forms of core itself: people, roles, branches, departments, and its journals."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from core.access import people, places, roles
from core.access.models import Branch, Department, Role, User, UserDepartment, UserRole
from core.db.base import Record
from core.db.engine import WorkSession
from core.text.folding import terms
from core.web.changes import RecordWords
from core.web.i18n import T
from core.web.journals import MENU, SIGN_INS, TOKENS, audit
from core.web.listing.filters import Option
from core.web.listing.language import resolve
from core.web.screens import (
    Action,
    Choice,
    Column,
    Field,
    Filter,
    FlagFilter,
    InLanguage,
    Join,
    Lookup,
    ReadyFilter,
    Screen,
    Section,
    named_by,
)
from core.web.views import admin_departments, admin_roles, admin_users

if TYPE_CHECKING:
    from core.web.listing.viewer import Viewer


RUSSIAN_ZONES = (
    ("Europe/Kaliningrad", T("Kaliningrad, UTC+2")),
    ("Europe/Moscow", T("Moscow, UTC+3")),
    ("Europe/Samara", T("Samara, UTC+4")),
    ("Asia/Yekaterinburg", T("Yekaterinburg, UTC+5")),
    ("Asia/Omsk", T("Omsk, UTC+6")),
    ("Asia/Krasnoyarsk", T("Krasnoyarsk, UTC+7")),
    ("Asia/Irkutsk", T("Irkutsk, UTC+8")),
    ("Asia/Yakutsk", T("Yakutsk, UTC+9")),
    ("Asia/Vladivostok", T("Vladivostok, UTC+10")),
    ("Asia/Magadan", T("Magadan, UTC+11")),
    ("Asia/Kamchatka", T("Kamchatka, UTC+12")),
)
LANGUAGE_CHOICES = (Choice("ru", T("Russian")), Choice("en", T("English")))

branch_title = InLanguage(Branch.title_ru, Branch.title_en)
department_title = InLanguage(Department.title_ru, Department.title_en)
BRANCH = Lookup(Branch, branch_title, where=(Branch.active,))
DEPARTMENT = Lookup(Department, department_title, where=(Department.active,))


@functools.cache
def zone_choices() -> tuple[Choice, ...]:
    """Every time zone, those of Russia first and in words."""
    named = dict(RUSSIAN_ZONES)
    rest = sorted(zone for zone in available_timezones() if zone not in named)
    return (*(Choice(zone, title) for zone, title in RUSSIAN_ZONES), *(Choice(zone, zone) for zone in rest))


def screens(words: RecordWords) -> list[Screen]:
    """Core's own screens; ``words`` are what the audit trail is told in."""
    return [_users(), ROLES, _branches(), DEPARTMENTS, SIGN_INS, TOKENS, audit(words)]


# --- people -----------------------------------------------------------------------------------


def _find_people(_session: WorkSession, text: str) -> ColumnElement[bool]:
    """Every word is in a name, the login, the e-mail address or a number, in one of its readings."""
    columns = (User.full_name, User.short_name, User.login, User.email, User.phone, User.extension)
    words = [
        or_(*(_contains(column, reading) for reading in readings for column in columns)) for readings in terms(text)
    ]
    return and_(*words) if words else User.id.is_(None)


def _contains(column: Any, reading: str) -> ColumnElement[bool]:
    spellings = dict.fromkeys((reading, reading.capitalize(), reading.upper()))
    return or_(*(column.contains(spelling, autoescape=True) for spelling in spellings))


def _with_role(_viewer: Viewer, code: str) -> ColumnElement[bool]:
    links = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id)
    return User.id.in_(links.where(Role.code == code))


def _roles_of(session: WorkSession, ids: Sequence[int]) -> Mapping[int, Any]:
    title = Role.title_ru if session.access.language == "ru" else Role.title_en
    statement = select(UserRole.user_id, title).join(Role, UserRole.role_id == Role.id)
    return _joined(session, statement.where(UserRole.user_id.in_(ids)).order_by(title))


def _departments_of(session: WorkSession, ids: Sequence[int]) -> Mapping[int, Any]:
    """Departments with their branches, for each branch may have one of the same title."""
    title = resolve(department_title, session.access.language)
    branch = resolve(branch_title, session.access.language)
    statement = (
        select(UserDepartment.user_id, title + " · " + branch)
        .join(Department, UserDepartment.department_id == Department.id)
        .join(Branch, Department.branch_id == Branch.id)
    )
    return _joined(session, statement.where(UserDepartment.user_id.in_(ids)).order_by(branch, title))


def _joined(session: WorkSession, statement: Select[int, str]) -> Mapping[int, str]:
    """The texts of each person, one after another."""
    found: dict[int, list[str]] = {}
    for user_id, text in session.execute(statement):
        found.setdefault(user_id, []).append(text)
    return {user_id: ", ".join(texts) for user_id, texts in found.items()}


@dataclass(frozen=True, slots=True)
class RoleFilter(Filter):
    """People who have one of these roles."""

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """Any of the roles."""
        return or_(*(_with_role(viewer, code) for code in values))

    def options(self, viewer: Viewer) -> list[Option]:
        """All roles but the one that everybody has."""
        title = Role.title_ru if viewer.language == "ru" else Role.title_en
        rows = viewer.session.execute(select(Role.code, title).where(~Role.everyone).order_by(title))
        return [Option(code, text) for code, text in rows]


def _users() -> Screen:
    return Screen(
        key="core.users",
        model=User,
        thing="core.user",
        path="/admin/users",
        title=T("Users"),
        one=T("User"),
        icon="user",
        menu=MENU,
        columns=(
            Column(
                "full_name",
                User.full_name,
                T("Full name"),
                second=User.login,
                second_label=T("Login"),
                link="card",
                phone="who",
            ),
            Column("roles", label=T("Roles"), fetch=_roles_of, phone="goal", sortable=False),
            Column("departments", label=T("Departments"), fetch=_departments_of, sortable=False, narrow=False),
            Column("extension", User.extension, T("Extension"), kind="code"),
            Column("phone", User.phone, T("Phone"), kind="phone", narrow=False),
            Column("email", User.email, T("E-mail"), shown=False),
            Column("active", User.active, T("Works here"), kind="bool", phone="flags"),
        ),
        filters=(
            RoleFilter("role", T("Role")),
            FlagFilter("active", T("Works here"), User.active),
        ),
        search=_find_people,
        order=("full_name",),
        ready=(
            ReadyFilter("active", T("Work here"), {"active": "1"}),
            ReadyFilter("disabled", T("Disabled"), {"active": "0"}),
        ),
        actions=(
            Action("new", T("User"), "core.user_new", "core.user.create", icon="plus", kind="primary", key="Alt+N"),
        ),
        sections=(
            Section(
                T("Account"),
                (
                    Field("login", T("Login")),
                    Field("full_name", T("Name, the surname first")),
                    Field("short_name", T("Name on screens")),
                    Field("email", T("E-mail")),
                    Field("phone", T("Phone"), kind="phone", required=False),
                    Field("extension", T("Extension")),
                    Field("language", T("Language"), choices=LANGUAGE_CHOICES),
                    Field("time_zone", T("Time zone, if not the branch’s"), choices=zone_choices(), required=False),
                ),
            ),
        ),
        allow=frozenset({"change"}),
        change=people.change_account,
        named=lambda user: user.full_name,
        panels=admin_users.panels,
    )


# --- roles ------------------------------------------------------------------------------------


def _create_role(session: WorkSession, values: dict[str, Any]) -> Record:
    return roles.create_role(session, **values)


_everybody = select(func.count(User.id)).where(User.active).scalar_subquery()
_holders = select(func.count(UserRole.id)).where(UserRole.role_id == Role.id).correlate(Role).scalar_subquery()

ROLES = Screen(
    key="core.roles",
    model=Role,
    thing="core.role",
    path="/admin/roles",
    title=T("Roles"),
    one=T("Role"),
    icon="shield-check",
    menu=MENU,
    columns=(
        Column("title", InLanguage(Role.title_ru, Role.title_en), T("Role"), link="card", phone="who", sortable=False),
        Column("code", Role.code, T("Code"), kind="code", phone="goal"),
        Column("everyone", Role.everyone, T("Everybody has it"), kind="bool"),
        Column("addon", Role.addon, T("Comes with"), kind="code", phone="flags"),
        Column(
            "people",
            case((Role.everyone, _everybody), else_=_holders),
            T("People"),
            kind="number",
            sortable=False,
        ),
    ),
    filters=(FlagFilter("own", T("Made here"), Role.addon == ""),),
    order=("code",),
    sections=(
        Section(
            T("Role"),
            (
                Field("code", T("Code"), hint=T("small Latin letters, digits and _"), on=("create",)),
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
            ),
        ),
    ),
    create=_create_role,
    delete=roles.delete_role,
    named=named_by("title"),
    panels=admin_roles.panels,
    export=False,
)


# --- branches and departments -----------------------------------------------------------------


def _branches() -> Screen:
    return Screen(
        key="core.branches",
        model=Branch,
        thing="core.branch",
        path="/admin/branches",
        title=T("Branches"),
        one=T("Branch"),
        icon="building-store",
        menu=MENU,
        columns=(
            Column("title", branch_title, T("Title"), link="card", phone="who", sortable=False),
            Column("time_zone", Branch.time_zone, T("Time zone"), phone="goal"),
            Column("active", Branch.active, T("In use"), kind="bool", phone="flags"),
        ),
        filters=(FlagFilter("active", T("In use"), Branch.active),),
        sections=(
            Section(
                T("Branch"),
                (
                    Field("title_ru", T("Title in Russian")),
                    Field("title_en", T("Title in English")),
                    Field("time_zone", T("Time zone"), choices=zone_choices(), default="Europe/Moscow"),
                    Field("active", T("In use"), default=True),
                ),
            ),
        ),
        allow=frozenset({"create", "change"}),
        named=named_by("title"),
        export=False,
    )


DEPARTMENTS = Screen(
    key="core.departments",
    model=Department,
    thing="core.department",
    path="/admin/departments",
    title=T("Departments"),
    one=T("Department"),
    icon="sitemap",
    menu=MENU,
    joins=(Join(Branch, Branch.id == Department.branch_id),),
    columns=(
        Column("title", department_title, T("Title"), link="card", phone="who", sortable=False),
        Column("branch", branch_title, T("Branch"), phone="goal", sortable=False),
        Column("kind", Department.kind, T("Kind"), kind="code"),
        Column("active", Department.active, T("In use"), kind="bool", phone="flags"),
    ),
    filters=(FlagFilter("active", T("In use"), Department.active),),
    sections=(
        Section(
            T("Department"),
            (
                Field("branch_id", T("Branch"), lookup=BRANCH),
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
                Field("kind", T("Kind"), hint=T("a word by which addons find theirs, such as showroom")),
                Field("parent_id", T("Part of"), lookup=DEPARTMENT),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    allow=frozenset({"create", "change"}),
    create=places.create_department,
    change=places.change_department,
    named=named_by("title"),
    panels=admin_departments.panels,
    export=False,
)
