"""Who looks at a list: his session, his words, his time zone, and today where he is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.access.policy import Access
from core.web.i18n import Translator

if TYPE_CHECKING:
    from core.db.engine import WorkSession


@dataclass
class Viewer:
    """The reader of a list or card, with everything that makes its text his own."""

    session: WorkSession
    translate: Translator

    @property
    def access(self) -> Access:
        """The person's rights."""
        return self.session.access

    @property
    def language(self) -> str:
        """``ru`` or ``en``."""
        return self.translate.language

    @cached_property
    def zone(self) -> ZoneInfo:
        """His branch's time zone."""
        return self.access.zone

    @cached_property
    def now(self) -> datetime:
        """The moment the page is made, in his zone."""
        return self.session.now().astimezone(self.zone)

    @property
    def today(self) -> date:
        """The day it is where he is."""
        return self.now.date()

    def midnight(self, day: date) -> datetime:
        """The moment a day begins where he is; on the day of a clock change too."""
        return datetime.combine(day, time(), self.zone)

    def day_after(self, day: date) -> datetime:
        """The moment a day ends where he is."""
        return self.midnight(day + timedelta(days=1))
