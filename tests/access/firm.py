"""A small firm to sign in to: two branches, three departments, and a clock that goes when told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

import core
from core.access.identity import Identity
from core.access.models import Branch, Department, Role, User
from core.access.people import create_user
from core.access.policy import NOBODY, Access, system
from core.access.rights import Catalogue, gather, load
from core.access.roles import sync_roles
from core.access.signin import Authenticator, SignInResult
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Base
from core.db.engine import Database
from core.host.plugins import Hooks
from core.testing.clock import SetClock

CORE_RIGHTS = Path(str(core.__file__)).parent / "rights.toml"
MOSCOW, SAMARA = 1, 2
SALES, USED_CARS, WORKSHOP = 1, 2, 3
"""Departments; used cars are a part of sales."""

PASSWORD = "тихая река у дома"
ADDRESS = "192.0.2.7"
BROWSER = "Firefox"


def fill(url: str) -> None:
    """Tables, the roles of core, one role of an addon, and the places."""
    database = Database(url, Hooks(), clock=SetClock())
    Base.metadata.create_all(database.engine)
    with database.writing(system("test")) as session:
        sync_roles(session, catalogue())
        session.add(Role(code="seller", title_ru="Продавец", title_en="Seller", addon="shop"))
        session.add_all(
            [
                Branch(id=MOSCOW, title_ru="Москва", title_en="Moscow", time_zone="Europe/Moscow"),
                Branch(id=SAMARA, title_ru="Самара", title_en="Samara", time_zone="Europe/Samara"),
            ]
        )
        session.flush()
        session.add_all(
            [
                Department(id=SALES, branch_id=MOSCOW, title_ru="Продажи", title_en="Sales"),
                Department(id=WORKSHOP, branch_id=SAMARA, title_ru="Цех", title_en="Workshop"),
            ]
        )
        session.flush()
        session.add(
            Department(id=USED_CARS, branch_id=MOSCOW, parent_id=SALES, title_ru="Трейд-ин", title_en="Used cars")
        )
    database.dispose()


def catalogue() -> Catalogue:
    """The rights of core."""
    return gather([load(CORE_RIGHTS, "core")])


@dataclass
class Firm:
    """The database and the door."""

    database: Database
    clock: SetClock
    door: Authenticator

    def hire(self, login: str = "ivanova", *, roles: tuple[str, ...] = (), departments: tuple[int, ...] = ()) -> int:
        """A person with the usual password; his id."""
        with self.database.writing(system("test")) as session:
            user, _ = create_user(
                session,
                self.door.passwords,
                login=login,
                full_name="Серова Анна",
                roles=roles,
                departments=departments,
            )
            user.password_hash = self.door.passwords.hash(PASSWORD)
            user.code_expires_at, user.must_change_password = None, False
            session.flush()
            return user.id

    def sign_in(
        self, login: str = "ivanova", password: str = PASSWORD, code: str | None = None, address: str = ADDRESS
    ) -> SignInResult:
        """Sign in as a browser would."""
        with self.database.writing(NOBODY) as session:
            return self.door.sign_in(session, login, password, code, address=address, user_agent=BROWSER)

    def identify(self, token: str) -> Identity | None:
        """Who has this cookie."""
        with self.database.reading(NOBODY) as session:
            return self.door.identities.identify(session, token, ADDRESS)

    def known(self, token: str) -> Identity:
        """Who has this cookie; somebody has."""
        identity = self.identify(token)
        assert identity is not None
        return identity

    def access(self, token: str) -> Access:
        """What the one with this cookie may do."""
        return self.known(token).access

    def user(self, login: str = "ivanova") -> User:
        """A person's record."""
        with self.database.reading(system("test")) as session:
            return session.scalars(select(User).where(User.login == login)).one()
