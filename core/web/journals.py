"""Core's lists of what has happened: who is signed in, which keys there are, who changed what (SEC-21, SEC-63)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import ColumnElement, and_

from core.access import own_account
from core.access.models import ApiToken, SignIn, User
from core.access.user_agents import browser_name
from core.db.audit import AuditEntry, AuditValue
from core.db.base import Base, Record
from core.db.engine import WorkSession
from core.web.changes import Entry, RecordWords, source_words, tell
from core.web.i18n import T
from core.web.known_records import parse
from core.web.listing.filters import Option, bad_value
from core.web.listing.language import Expression
from core.web.screens import (
    Action,
    BulkAction,
    Column,
    Field,
    Filter,
    FlagFilter,
    Join,
    Lookup,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
)
from core.web.views import admin_journal, admin_users
from core.work.people import shown_name

if TYPE_CHECKING:
    from core.web.listing.cells import Formats
    from core.web.listing.viewer import Viewer

MENU = "administration"
SHOWN_CHANGES = 3


def _listed(model: type[Base]) -> type[Record]:
    """A table whose rows are listed but are no records of people's work: only its ``id`` is asked for."""
    return cast("type[Record]", model)


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
        Column("person", shown_name, T("User"), kind="person", link="card", phone="who"),
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
        Column("person", shown_name, T("User"), kind="person", phone="goal"),
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
    actions=(Action("mine", T("My keys"), "core.security", "core.profile.read", icon="key"),),
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
class ActionFilter(Filter):
    """Entries about one or several actions, core's and those that addons have words for."""

    words: RecordWords

    def condition(self, _viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The entry's action is one of them."""
        if not set(values) <= self.words.actions().keys():
            raise bad_value(self.name)
        return AuditEntry.action.in_(values)

    def options(self, viewer: Viewer) -> list[Option]:
        """Every action that has words, in the reader's alphabet."""
        named = [Option(action, viewer.translate(title)) for action, title in self.words.actions().items()]
        return sorted(named, key=lambda option: option.text.casefold())

    def expressions(self) -> tuple[Expression, ...]:
        """The action's name."""
        return (AuditEntry.action,)


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


def audit(words: RecordWords) -> Screen:
    def things(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
        names = words.names(formats, ((table, id_) for table, id_ in values if table and id_))
        return [_thing(words, formats, table, id_, names) for table, id_ in values]

    def changes(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
        access = formats.viewer.access
        seen = [Entry(table, words.unhidden(table, stored or {}, access)) for stored, table in values]
        told = tell(seen, words, formats)
        return [_summary(fields, formats) if entry.values else "" for fields, entry in zip(told, seen, strict=True)]

    def actions(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
        return [words.action(value, formats) for value in values]

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
            Column("at", AuditEntry.at, T("When"), kind="moment", link="card", phone="time"),
            Column("person", shown_name, T("Who"), extra=(AuditEntry.source,), draw=_who, sortable=False, phone="who"),
            Column("action", AuditEntry.action, T("What"), draw=actions, sortable=False, phone="flags"),
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
            Column("source", AuditEntry.source, T("From where"), draw=_sources, shown=False, sortable=False),
        ),
        filters=(
            PeriodFilter("period", T("Period"), AuditEntry.at),
            PersonFilter("person", T("Who"), AuditEntry.user_id),
            ActionFilter("action", T("What"), words),
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
    return [name or source_words(source, formats) or formats.translate(T("the program")) for name, source in values]


def _sources(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
    return [source_words(value, formats) for value in values]


def _summary(fields: Sequence[Any], formats: Formats) -> str:
    """The first changes; of an entry that has none to tell, that they are the program's own."""
    if not fields:
        return formats.translate(T("only what the program keeps for itself"))
    shown = [f"{each.label}: {each.old} → {each.new}" if each.old else f"{each.label}: {each.new}" for each in fields]
    rest = len(shown) - SHOWN_CHANGES
    return "; ".join([*shown[:SHOWN_CHANGES], *([f"+{rest}"] if rest > 0 else [])])
