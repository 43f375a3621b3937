"""People of the invented dealership with their sign-ins, ready to be given to browsers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bench.inside import shifted_clock
from core.access.crypto import csrf_token, token_hash
from core.access.models import User
from core.access.policy import system
from core.config import Config
from core.web.app import Application


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in: his number, the cookie of his browser, the token of his forms."""

    user_id: int
    cookie: str
    form_token: str


def signed_in(config: Config, started: datetime, logins: Iterable[str]) -> Mapping[str, Person]:
    """These people with a sign-in each, made as the sign-in page makes it."""
    app = Application(config, clock=shifted_clock(started))
    try:
        with app.database.writing(system("benchmark")) as session:
            users = session.scalars(select(User).where(User.login.in_(set(logins)))).all()
            tokens = {
                user.login: (
                    user.id,
                    app.authenticator.open(session, user, address="127.0.0.1", user_agent="benchmark"),
                )
                for user in users
            }
        return {
            login: Person(user_id, cookie, csrf_token(app.secret, token_hash(cookie)))
            for login, (user_id, cookie) in tokens.items()
        }
    finally:
        app.close()
