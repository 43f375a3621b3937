"""Who works here: branches, departments, people, their roles and what they sign in with."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    insert,
    inspect,
    update,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, object_session, relationship, validates

from core.access.policy import RowRule, Scope
from core.clock import utcnow
from core.db.base import Base, BigId, Record
from core.db.engine import WorkSession

SECRET = {"secret": True}
"""Column info: the value stays out of the audit trail, of lists and of exports."""


UNPRINTABLE = "\ufffd"


def fold_login(login: str) -> str:
    """A login as it is stored and compared: no spaces around, one Unicode form, one case (SEC-30)."""
    storable = "".join(letter if letter.isprintable() else UNPRINTABLE for letter in login)
    return unicodedata.normalize("NFKC", storable).strip().casefold()


class Branch(Record):
    """One site of the company, with its own time zone."""

    __tablename__ = "core_branch"

    title_ru: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/Moscow")
    active: Mapped[bool] = mapped_column(default=True)


class Department(Record):
    """A department of a branch; ``kind`` is a code by which addons find theirs."""

    __tablename__ = "core_department"

    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"), index=True)
    title_ru: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40), default="")
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    branch: Mapped[Branch] = relationship()


class User(Record):
    """A member of staff. He is disabled when he leaves, never deleted (SEC-10).

    ``full_name`` begins with the surname, ``short_name`` is what screens show. An empty
    ``time_zone`` means that of his branch. ``code_expires_at`` is set while ``password_hash`` holds a one-time
    code: it lets him in once, to choose a password.
    """

    __tablename__ = "core_user"

    login: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(160))
    short_name: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    extension: Mapped[str] = mapped_column(String(20), default="", index=True)
    password_hash: Mapped[str] = mapped_column(String(255), default="", info=SECRET)
    code_expires_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(5), default="ru")
    time_zone: Mapped[str | None] = mapped_column(String(40))
    theme: Mapped[str] = mapped_column(String(10), default="auto")
    letter_keys: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)

    role_links: Mapped[list[UserRole]] = relationship(back_populates="user", cascade="all, delete-orphan")
    department_links: Mapped[list[UserDepartment]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @validates("login")
    def _fold(self, _key: str, login: str) -> str:
        return fold_login(login)

    @property
    def name(self) -> str:
        """What screens call him."""
        return self.short_name or self.full_name


class UserDepartment(Record):
    """A person works in a department, in some position."""

    __tablename__ = "core_user_department"
    __table_args__ = (UniqueConstraint("user_id", "department_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    position: Mapped[str] = mapped_column(String(120), default="")

    user: Mapped[User] = relationship(back_populates="department_links")
    department: Mapped[Department] = relationship()


class Role(Record):
    """A set of rights under one name: shipped by an addon or made here, editable in any case.

    ``grants`` maps a right to ``own``, ``department``, ``branch`` or ``all`` and is what counts;
    ``shipped`` keeps what the addons gave at the last start, so that an edit is told from a default.
    ``everyone`` marks the base role that each signed-in person has.
    """

    __tablename__ = "core_role"

    code: Mapped[str] = mapped_column(String(60), unique=True)
    title_ru: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    addon: Mapped[str] = mapped_column(String(40), default="")
    everyone: Mapped[bool] = mapped_column(default=False)
    grants: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    shipped: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    @validates("grants")
    def _known_scopes(self, _key: str, grants: dict[str, str]) -> dict[str, str]:
        unknown = sorted({scope for scope in grants.values() if scope.upper() not in Scope.__members__})
        if unknown:
            raise ValueError(f"unknown scopes in role {self.code!r}: {unknown}")
        return dict(grants)


class UserRole(Record):
    """A person has a role."""

    __tablename__ = "core_user_role"
    __table_args__ = (UniqueConstraint("user_id", "role_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    role_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_role.id"), index=True)

    user: Mapped[User] = relationship(back_populates="role_links")
    role: Mapped[Role] = relationship()


class SignIn(Base):
    """One signed-in browser; its id is known to the browser alone, here is its hash (SEC-19, SEC-21).

    ``roles`` are the person's roles when the id was given out: when they differ, the id is renewed.
    """

    __tablename__ = "core_sign_in"
    __row_rule__: ClassVar[RowRule] = RowRule("core.sign_in.read", own=("user_id",))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    roles: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(255), default="")


class SignInAttempt(Base):
    """A try to sign in: the evidence that guessing is counted by (SEC-15).

    ``kind`` is ``password`` or ``code``. A name nobody has is kept as a keyed hash: it may well be
    a password typed into the wrong field. ``network`` is the address, for IPv6 its /64.
    """

    __tablename__ = "core_sign_in_attempt"
    __table_args__ = (
        Index("ix_core_sign_in_attempt_login", "login", "kind", "at"),
        Index("ix_core_sign_in_attempt_network", "network", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    login: Mapped[str] = mapped_column(String(64))
    network: Mapped[str] = mapped_column(String(45))
    ok: Mapped[bool] = mapped_column(default=False)


class SecondFactor(Base):
    """A person's code generator: the secret, sealed, and the last code that was used (SEC-17)."""

    __tablename__ = "core_second_factor"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(Text, info=SECRET)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that replaces the generator once, when the phone is lost."""

    __tablename__ = "core_recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    code_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    used_at: Mapped[datetime | None]


class ApiToken(Record):
    """A key with which a program works as its owner; ``prefix`` is its readable beginning."""

    __tablename__ = "core_api_token"
    __row_rule__: ClassVar[RowRule] = RowRule("core.api_token.read", own=("user_id",))

    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    prefix: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None] = mapped_column(info=SECRET)
    revoked_at: Mapped[datetime | None]


class AccessEpoch(Base):
    """One row whose number goes up with every change of who may do what.

    Each process keeps the worked-out access of the people it serves and reads this number with
    every request, so a changed role counts from the next request on, everywhere (SEC-11).
    """

    __tablename__ = "core_access_epoch"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


_ACCESS_OF_USER = (
    "active",
    "login",
    "full_name",
    "short_name",
    "language",
    "time_zone",
    "theme",
    "letter_keys",
    "must_change_password",
)


def raise_epoch(connection: Connection) -> None:
    """Make every process work out everybody's access anew, once this transaction is committed."""
    raised = connection.execute(update(AccessEpoch).where(AccessEpoch.id == 1).values(number=AccessEpoch.number + 1))
    if not raised.rowcount:
        connection.execute(insert(AccessEpoch).values(id=1, number=1))


@event.listens_for(User, "after_update")
def _user_changed(_mapper: Mapper[User], connection: Connection, user: User) -> None:
    attributes = inspect(user).attrs
    if any(attributes[name].history.has_changes() for name in _ACCESS_OF_USER):
        raise_epoch(connection)
    if attributes["active"].history.has_changes() and not user.active:
        _end_all(connection, user)


def _end_all(connection: Connection, user: User) -> None:
    """A disabled person is out at once, and enabling him again brings no old sign-in back (SEC-11)."""
    session = object_session(user)
    now = session.now() if isinstance(session, WorkSession) else utcnow()
    for model in (SignIn, ApiToken):
        ended = update(model).where(model.user_id == user.id, model.revoked_at.is_(None)).values(revoked_at=now)
        connection.execute(ended)


def _grants_changed(_mapper: Mapper[Any], connection: Connection, _record: object) -> None:
    raise_epoch(connection)


for _model in (Branch, Department, Role, UserRole, UserDepartment):
    for _moment in ("after_insert", "after_update", "after_delete"):
        event.listen(_model, _moment, _grants_changed)
