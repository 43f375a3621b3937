"""Telling the administrators that an addon is left alone for a while because it failed too often (SEC-59)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from core.access.people import ADMINISTRATOR
from core.access.policy import system
from core.db.engine import WorkSession
from core.host.models import AddonState
from core.host.plugins import FailedCall
from core.web.i18n import T
from core.work.models import Notification
from core.work.notifications import PAUSED, Message, notify
from core.work.people import colleagues
from core.work.subjects import Subject

if TYPE_CHECKING:
    from core.web.app import Application

log = structlog.get_logger("forecourt.hooks")


def tell(app: Application) -> None:
    """Tell of the addons paused by what this request has just run; in a transaction of its own, after it."""
    hooks, running = app.host.hooks, app.host.running
    paused, hooks.newly_paused = hooks.newly_paused, set()
    for addon in sorted(paused & set(running)):
        try:
            with app.database.writing(system("addons")) as session:
                _tell(session, addon, running[addon].manifest.title, hooks.latest_failures[addon])
        except DBAPIError as error:
            log.warning("nobody was told of a paused addon", addon=addon, error=str(error).partition("\n")[0])


def _tell(session: WorkSession, addon: str, title: dict[str, str], failed: FailedCall) -> None:
    """Whoever has not yet looked at the last notice gets no other: there are several processes, and it may go on.

    The one he has tells of the latest failure then.
    """
    number = session.scalar(select(AddonState.id).where(AddonState.name == addon))
    if number is None:
        return
    subject = Subject(AddonState.__tablename__, number)
    values = {"what": failed.what, "error": failed.error}
    again = (
        update(Notification)
        .where(
            Notification.subject_type == subject.type,
            Notification.subject_id == subject.id,
            Notification.kind == PAUSED,
            Notification.closed_at.is_(None),
        )
        .values(body_values=values, created_at=session.now())
        .returning(Notification.user_id)
    )
    waiting = set(session.scalars(again, execution_options={"synchronize_session": False}))
    message = Message(
        T("An addon is paused: %(addon)s"),
        {"addon": title},
        T(
            "It failed several times within ten minutes, lastly in %(what)s: %(error)s. The rest works;"
            " the page of addons says more."
        ),
        values,
        icon="alert-triangle",
    )
    notify(session, set(colleagues(session, role=ADMINISTRATOR)) - waiting, PAUSED, subject, message)
