"""The lists, cards and forms of core itself: people, roles, places, sign-ins, tokens, the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import object_session

from core.access import own_account, people, places, roles
from core.access.models import ApiToken, Branch, Department, Role, SignIn, User, UserDepartment, UserRole
from core.access.user_agents import browser_name
from core.db.audit import AuditEntry, AuditValue
from core.db.base import Base, Record
from core.db.engine import WorkSession
from core.text.folding import terms
from core.web.changes import ACTIONS, Entry, RecordWords, action_words, tell
from core.web.i18n import T
from core.web.known_records import parse
from core.web.listing.filters import Option, bad_value
from core.web.listing.language import Expression
from core.web.screens import (
    Action,
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    Filter,
    FlagFilter,
    InLanguage,
    Join,
    Lookup,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
)
from core.web.views import admin_departments, admin_journal, admin_roles, admin_users

if TYPE_CHECKING:
    from core.web.listing.cells import Formats
    from core.web.listing.viewer import Viewer

MENU = "administration"
SHOWN_CHANGES = 3

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
LANGUAGE_CHOICES = (Choice("ru", "Русский"), Choice("en", "English"))

person_name = func.coalesce(func.nullif(User.short_name, ""), User.full_name)
branch_title = InLanguage(Branch.title_ru, Branch.title_en)
department_title = InLanguage(Department.title_ru, Department.title_en)
BRANCH = Lookup(Branch, branch_title, where=(Branch.active,))
DEPARTMENT = Lookup(Department, department_title, where=(Department.active,))


def zone_choices() -> tuple[Choice, ...]:
    """Every time zone, those of Russia first and in words."""
    named = dict(RUSSIAN_ZONES)
    rest = sorted(zone for zone in available_timezones() if zone not in named)
    return (*(Choice(zone, title) for zone, title in RUSSIAN_ZONES), *(Choice(zone, zone) for zone in rest))


def screens(words: RecordWords) -> list[Screen]:
    """Core's own screens; ``words`` are what the audit trail is told in."""
    return [_users(), ROLES, _branches(), DEPARTMENTS, SIGN_INS, TOKENS, _audit(words)]


def _listed(model: type[Base]) -> type[Record]:
    """A table whose rows are listed but are no records of people's work: only its ``id`` is asked for."""
    return cast("type[Record]", model)


def _title(record: Any) -> str:
    """What a record with a title in both languages is called by whoever reads it."""
    session = object_session(record)
    english = isinstance(session, WorkSession) and session.access.language == "en"
    return str(record.title_en if english else record.title_ru)


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
    return _titles_of(session, ids, UserRole, Role, UserRole.role_id == Role.id)


def _departments_of(session: WorkSession, ids: Sequence[int]) -> Mapping[int, Any]:
    return _titles_of(session, ids, UserDepartment, Department, UserDepartment.department_id == Department.id)


def _titles_of(session: WorkSession, ids: Sequence[int], link: Any, model: Any, on: Any) -> Mapping[int, str]:
    title = model.title_ru if session.access.language == "ru" else model.title_en
    found: dict[int, list[str]] = {}
    for user_id, text in session.execute(
        select(link.user_id, title).join(model, on).where(link.user_id.in_(ids)).order_by(title)
    ):
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
            Column("full_name", User.full_name, T("Full name"), second=User.login, link="card", phone="who"),
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
            select(func.count(UserRole.id)).where(UserRole.role_id == Role.id).correlate(Role).scalar_subquery(),
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
    named=_title,
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
        named=_title,
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
    named=_title,
    panels=admin_departments.panels,
    export=False,
)


# --- sign-ins and tokens ----------------------------------------------------------------------


def _browsers(values: Sequence[Any], _formats: Formats) -> Sequence[Any]:
    return [browser_name(value) if value else "" for value in values]


def _end_sign_in(session: WorkSession, sign_in: Any, _values: Mapping[str, Any]) -> None:
    own_account.end_sign_in(session, sign_in.id)


def _revoke_token(session: WorkSession, token: Any, _values: Mapping[str, Any]) -> None:
    own_account.revoke_token(session, token.id)


SIGN_INS = Screen(
    key="core.sign_ins",
    model=_listed(SignIn),
    thing="core.sign_in",
    path="/admin/sign-ins",
    title=T("Sign-ins"),
    one=T("Sign-in"),
    icon="device-laptop",
    menu=MENU,
    joins=(Join(User, User.id == SignIn.user_id),),
    columns=(
        Column("person", person_name, T("User"), kind="person", link="card", phone="who"),
        Column("browser", SignIn.user_agent, T("Browser"), draw=_browsers, sortable=False, phone="goal"),
        Column("address", SignIn.address, T("Address"), kind="code"),
        Column("last_seen_at", SignIn.last_seen_at, T("Seen"), kind="moment", phone="time"),
        Column("created_at", SignIn.created_at, T("Since"), kind="moment", narrow=False),
        Column("expires_at", SignIn.expires_at, T("Until when"), kind="moment", narrow=False),
        Column("ended", SignIn.revoked_at.is_not(None), T("Ended"), kind="bool", phone="flags", sortable=False),
    ),
    filters=(
        PersonFilter("person", T("User"), SignIn.user_id),
        PeriodFilter("seen", T("Seen"), SignIn.last_seen_at),
        FlagFilter("ended", T("Ended"), SignIn.revoked_at.is_not(None)),
    ),
    order=("-last_seen_at",),
    ready=(ReadyFilter("living", T("Going on"), {"ended": "0"}),),
    bulk=(BulkAction("end", T("End"), _end_sign_in, "core.sign_in.end", icon="logout", danger=True),),
    allow=frozenset(),
    named=lambda sign_in: browser_name(sign_in.user_agent) or sign_in.address,
    panels=admin_users.sign_in_panels,
    export=False,
)

TOKENS = Screen(
    key="core.api_tokens",
    model=ApiToken,
    thing="core.api_token",
    path="/admin/tokens",
    title=T("API tokens"),
    one=T("API token"),
    icon="key",
    menu=MENU,
    joins=(Join(User, User.id == ApiToken.user_id),),
    columns=(
        Column("name", ApiToken.name, T("What it is for"), second=ApiToken.prefix, link="card", phone="who"),
        Column("person", person_name, T("User"), kind="person", phone="goal"),
        Column("created_at", ApiToken.created_at, T("Made"), kind="moment"),
        Column("last_used_at", ApiToken.last_used_at, T("Used"), kind="moment", phone="time"),
        Column("expires_at", ApiToken.expires_at, T("Until when"), kind="day", narrow=False),
        Column("revoked", ApiToken.revoked_at.is_not(None), T("Revoked"), kind="bool", sortable=False, phone="flags"),
    ),
    filters=(
        PersonFilter("person", T("User"), ApiToken.user_id),
        FlagFilter("revoked", T("Revoked"), ApiToken.revoked_at.is_not(None)),
    ),
    order=("-created_at",),
    ready=(ReadyFilter("living", T("In use"), {"revoked": "0"}),),
    bulk=(BulkAction("revoke", T("Revoke"), _revoke_token, "core.api_token.revoke", icon="key-off", danger=True),),
    sections=(
        Section(
            T("API token"),
            (
                Field("name", T("What it is for"), on=()),
                Field("user_id", T("User"), lookup=Lookup(User, User.full_name), on=()),
                Field("prefix", T("Begins with"), on=()),
                Field("expires_at", T("Until when"), on=()),
                Field("revoked_at", T("Revoked"), on=()),
            ),
        ),
    ),
    allow=frozenset(),
    export=False,
)


# --- the audit trail --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThingFilter(Filter):
    """Entries about one or several kinds of things."""

    words: RecordWords

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The entry's table is one of them."""
        return AuditEntry.subject_type.in_(values)

    def options(self, viewer: Viewer) -> list[Option]:
        """Every kind of thing whose changes are kept, in the reader's alphabet."""
        named = [Option(table, viewer.translate(self.words.thing(table))) for table in self.words.tables()]
        return sorted(named, key=lambda option: option.text.casefold())

    def expressions(self) -> tuple[Expression, ...]:
        """The table's name."""
        return (AuditEntry.subject_type,)


@dataclass(frozen=True, slots=True)
class SubjectFilter(Filter):
    """Entries about one record: ``<table>:<number>``, or its number alone."""

    control: ClassVar[str] = "text"

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The entry is about that record."""
        (text,) = values if len(values) == 1 else ("",)
        subject = parse(text if ":" in text else f"any:{text.removeprefix('#')}")
        if subject is None:
            raise bad_value(self.name)
        conditions = [AuditEntry.subject_id == subject.id]
        if subject.type != "any":
            conditions.append(AuditEntry.subject_type == subject.type)
        return and_(*conditions)


def _audit(words: RecordWords) -> Screen:
    def things(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
        names = words.names(formats, ((table, id_) for table, id_ in values if table and id_))
        return [_thing(words, formats, table, id_, names) for table, id_ in values]

    def changes(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
        told = tell([Entry(table, stored or {}) for stored, table in values], words, formats)
        return [_summary(fields) for fields in told]

    return Screen(
        key="core.audit",
        model=_listed(AuditEntry),
        thing="core.audit",
        path="/admin/audit",
        title=T("Audit trail"),
        one=T("Audit entry"),
        icon="history",
        menu=MENU,
        joins=(Join(User, User.id == AuditEntry.user_id), Join(AuditValue, AuditValue.audit_id == AuditEntry.id)),
        columns=(
            Column("at", AuditEntry.at, T("When"), kind="moment", sort=AuditEntry.id, link="card", phone="time"),
            Column("person", person_name, T("Who"), extra=(AuditEntry.source,), draw=_who, sortable=False, phone="who"),
            Column("action", AuditEntry.action, T("What"), draw=_actions, sortable=False, phone="flags"),
            Column(
                "thing",
                AuditEntry.subject_type,
                T("With what"),
                extra=(AuditEntry.subject_id,),
                draw=things,
                sortable=False,
                phone="goal",
            ),
            Column(
                "changes",
                AuditValue.changes,
                T("Changes"),
                extra=(AuditEntry.subject_type,),
                draw=changes,
                sortable=False,
                narrow=False,
            ),
            Column("source", AuditEntry.source, T("From where"), shown=False, sortable=False),
        ),
        filters=(
            PeriodFilter("period", T("Period"), AuditEntry.at),
            PersonFilter("person", T("Who"), AuditEntry.user_id),
            ChoiceFilter(
                "action", T("What"), AuditEntry.action, tuple(Choice(code, title) for code, title in ACTIONS.items())
            ),
            ThingFilter("thing", T("With what"), words),
            SubjectFilter("record", T("Record number")),
        ),
        order=("-at",),
        ready=(
            ReadyFilter("sign_ins", T("Sign-ins"), {"action": ("sign_in", "sign_in_refused", "sign_out")}),
            ReadyFilter("exports", T("Exports"), {"action": ("export", "personal_data.export")}),
            ReadyFilter("rights", T("Roles and rights"), {"thing": ("core_role", "core_user_role", "core_user")}),
        ),
        allow=frozenset(),
        named=lambda entry: f"№ {entry.id}",
        panels=admin_journal.panels,
    )


def _thing(words: RecordWords, formats: Formats, table: str, id_: int | None, names: Mapping[Any, str]) -> str:
    """What an entry is about: the kind of thing, and its name, or its number where it has none or is gone."""
    kind = formats.translate(words.thing(table)) if table else ""
    if id_ is None:
        return kind
    name = names.get((table, id_), "")
    return f"{kind}: {name}" if name else f"{kind} № {id_}"


def _who(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
    """The person; where it was none, what the program was about."""
    return [name or source or formats.translate(T("the program")) for name, source in values]


def _actions(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
    return [action_words(value, formats) for value in values]


def _summary(fields: Sequence[Any]) -> str:
    shown = [f"{each.label}: {each.old} → {each.new}" if each.old else f"{each.label}: {each.new}" for each in fields]
    rest = len(shown) - SHOWN_CHANGES
    return "; ".join([*shown[:SHOWN_CHANGES], *([f"+{rest}"] if rest > 0 else [])])
