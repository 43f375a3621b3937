"""What the gate's controller does: it reports who has come in and who has left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from core import Operation, T, WorkSession
from parking.models import Pass
from parking.services import passes


class PassShown(Struct, kw_only=True):
    """A pass after a step."""

    id: int
    number: str
    version: int
    state: str
    plate: str
    entered_at: datetime | None
    left_at: datetime | None


def operations() -> list[Operation]:
    """The two steps of the gate."""
    return [
        _step("enter", T("A car has come in"), passes.enter),
        _step("leave", T("A car has left"), passes.leave),
    ]


def _step(name: str, title: str, run: Callable[[WorkSession, int], Pass]) -> Operation:
    return Operation(
        name=name,
        title=title,
        path=f"/passes/{{id}}/{name}",
        right=passes.MOVE,
        run=run,
        show=_shown,
        gives=PassShown,
        find=passes.get_pass,
    )


def _shown(_session: WorkSession, shown: Pass) -> PassShown:
    return PassShown(**{name: getattr(shown, name) for name in PassShown.__struct_fields__})
