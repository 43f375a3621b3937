"""One answer to «may this order get this status?», for card, dialog, API and code alike (S4-79, S4-80)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.delivery.services.facts import Facts
from addons.delivery.services.rules import Lack
from addons.delivery.services.statuses import OUTCOMES, STATUS, Ask, Status

if TYPE_CHECKING:
    from addons.delivery.models import DeliveryOrder
    from core import WorkSession

ALLOWED, REFUSED, NEEDS = "allowed", "refused", "needs"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say of one status.

    :param lacks: what stands in the way before anything can be given.
    :param missing: rules that the dialog's own fields would satisfy: a comment.
    :param needs: the inputs that are still to be given.
    """

    status: Status
    lacks: tuple[Lack, ...] = ()
    missing: tuple[Lack, ...] = ()
    needs: tuple[Ask, ...] = ()

    @property
    def verdict(self) -> str:
        """``allowed``, ``refused``, or ``needs`` something to be given first."""
        return REFUSED if self.lacks else NEEDS if self.missing or self.needs else ALLOWED

    @property
    def refused(self) -> bool:
        """Whether nothing that is given now would help."""
        return self.verdict == REFUSED

    @property
    def instead(self) -> str:
        """The status that a rule names in its place, if any does."""
        return next((lack.instead for lack in self.lacks if lack.instead), "")


def judge(facts: Facts, status: Status) -> Answer:
    """What the declared rules of a status say of these facts; they name no other status that they would refuse too."""
    found = [replace(lack, instead=_fitting(facts, lack)) for rule in status.rules for lack in rule(facts)]
    needs = [
        ask
        for ask in status.asks
        if ask.required and ask.wanted(facts.answers) and facts.answers.get(ask.name) in (None, "")
    ]
    unticked = [ask for ask in status.asks if ask.name == "none_fits" and facts.answers.get(ask.name) is False]
    return Answer(
        status,
        tuple(lack for lack in found if not lack.field),
        tuple(lack for lack in found if lack.field),
        (*needs, *unticked),
    )


def judge_order(session: WorkSession, order: DeliveryOrder, facts: Facts, status: Status) -> Answer:
    """The same, with what the guard of an addon's status says."""
    answer = judge(facts, status)
    refusal = status.guard(session, order) if status.guard is not None else None
    if refusal is None:
        return answer
    return replace(answer, lacks=(*answer.lacks, Lack(status.code, refusal.message, refusal.values)))


def _fitting(facts: Facts, lack: Lack) -> str:
    """The status that a rule names, else what its own rules name instead of it; of a talk, what came of it (S4-38).

    What the order has already is none.
    """
    code = lack.instead
    if code in ("", facts.status):
        return ""
    if code == "outcome":
        # The farthest one that the rules allow now.
        others = (each for each in OUTCOMES if each != facts.status)
        return next((each for each in others if judge(facts, STATUS[each]).verdict == ALLOWED), "")
    named = judge(facts, STATUS[code])
    return named.instead if named.refused and not lack.settled else code
