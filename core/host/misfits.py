"""Why an addon cannot be used, in words for whoever administers it."""

from __future__ import annotations

from core.text.msgids import T

NO_SUCH_KIND = T("Its hook «%(hook)s» gave %(item)s, which is no %(kind)s.")


class Misfit(Exception):
    """Why an addon cannot be used: a msgid, and what fills its ``%(name)s`` places."""

    def __init__(self, message: str, /, **values: str) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values
