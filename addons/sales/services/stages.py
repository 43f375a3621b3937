"""The stages of a sale, declared once: board, list, card, API and tests read them from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core import T

if TYPE_CHECKING:
    from addons.sales.models import Worksheet
    from core import Hooks, Refusal, WorkSession

Guard = Callable[["WorkSession", "Worksheet"], "Refusal | None"]
"""Says why a worksheet cannot go to a stage, or nothing when it can."""


class AddedStage(Protocol):
    """What a stage of another addon has to say; that addon makes it of whatever it likes."""

    @property
    def code(self) -> str:
        """Begins with the addon's name and has 20 characters at most: ``parking.presented``."""

    @property
    def title(self) -> str: ...
    @property
    def look(self) -> str: ...
    @property
    def before(self) -> str:
        """The code of the stage it stands before; the handover where there is none."""

    @property
    def guard(self) -> Guard | None: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a worksheet, in the order of a sale; ``look`` is the colour of its pill."""

    code: str
    title: str
    look: str
    terminal: bool = False
    guard: Guard | None = None


STAGES = (
    Stage("consultation", T("Consultation"), "acc"),
    Stage("selection", T("Selection"), "acc"),
    Stage("test_drive", T("Test drive"), "vio"),
    Stage("negotiation", T("Negotiation"), "vio"),
    Stage("contract", T("Contract"), "teal"),
    Stage("delivered", T("Delivered"), "ok", terminal=True),
    Stage("lost", T("Lost"), "", terminal=True),
)
STAGE = {stage.code: stage for stage in STAGES}
CLOSED_STAGES = tuple(stage.code for stage in STAGES if stage.terminal)
"""Where a deal is over. Every other stage is on its way, also one of an addon that is off."""
FIRST = STAGES[0]
"""Where every worksheet begins."""


class KnownStages(dict[str, Stage]):
    """The stages by code, in their order; one of an addon that is off is still something to show a worksheet with."""

    def __missing__(self, code: str) -> Stage:
        return Stage(code, T("Stage of a switched-off addon"), "")

    def with_present(self, *codes: str) -> list[Stage]:
        """The stages in their order, the first of these that is unknown before the end of the way."""
        strangers = [self[code] for code in codes if code not in self]
        return [
            *(each for each in self.values() if not each.terminal),
            *strangers,
            *map(STAGE.__getitem__, CLOSED_STAGES),
        ]


def stages(hooks: Hooks) -> KnownStages:
    """Every stage there is: those of sales, and those that other addons put between them (X-14)."""
    known = list(STAGES)
    for _, added in hooks.declared("sales_stages"):
        codes = [stage.code for stage in known]
        place = codes.index(added.before if added.before in codes else CLOSED_STAGES[0])
        known.insert(place, Stage(added.code, added.title, added.look, guard=added.guard))
    return KnownStages((stage.code, stage) for stage in known)


def stage_titles(hooks: Hooks) -> dict[str, str]:
    """What every stage is called, by its code."""
    return {code: stage.title for code, stage in stages(hooks).items()}
