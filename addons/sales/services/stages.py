"""The stages of a sale, declared once: board, list, card, API and tests read them from here."""

from __future__ import annotations

from dataclasses import dataclass

from core.web.i18n import T


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a worksheet, in the order of a sale; ``look`` is the colour of its pill."""

    code: str
    title: str
    look: str
    terminal: bool = False


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
OPEN_STAGES = tuple(stage.code for stage in STAGES if not stage.terminal)
FIRST = STAGES[0]
"""Where every worksheet begins."""
