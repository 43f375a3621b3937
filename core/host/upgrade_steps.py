"""The steps of an upgrade, each written down before and after it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, insert, select, update

from core.clock import utcnow
from core.host.manifest import Manifest, snapshot
from core.host.models import AddonState, UpgradeStep
from core.host.one_at_a_time import Turn

CUT_OFF = "cut off"


class Steps:
    """The record of an upgrade, in transactions of its own: what is killed stands there without an end."""

    def __init__(self, engine: Engine, turn: Turn) -> None:
        self._engine, self._turn = engine, turn

    def cut_off(self) -> list[str]:
        """What earlier upgrades had begun when they were killed; told once."""
        unfinished = UpgradeStep.ended_at.is_(None)
        with self._engine.begin() as connection:
            found = connection.execute(select(UpgradeStep.addon, UpgradeStep.step).where(unfinished)).all()
            connection.execute(update(UpgradeStep).where(unfinished).values(ended_at=utcnow(), problem=CUT_OFF))
        return [f"{addon}: {step}" for addon, step in found]

    @contextmanager
    def step(self, addon: str, step: str) -> Iterator[None]:
        """Write down that a step begins, and how it ended; what it raises goes on.

        :raises TurnLost: when this upgrade may not be the only change any more.
        """
        self._turn.expect_held()
        began = {"addon": addon, "step": step, "began_at": utcnow(), "problem": ""}
        with self._engine.begin() as connection:
            number = connection.scalar(insert(UpgradeStep).values(began).returning(UpgradeStep.id))
        problem = ""
        try:
            yield
        except BaseException as error:
            problem = f"{type(error).__name__}: {error}"
            raise
        finally:
            ended = update(UpgradeStep).where(UpgradeStep.id == number)
            with self._engine.begin() as connection:
                connection.execute(ended.values(ended_at=utcnow(), problem=problem))

    def outcomes(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Which code of each addon was brought in last, and why that did not go through."""
        rows = select(AddonState.name, AddonState.content_hash, AddonState.problem)
        with self._engine.connect() as connection:
            found = {name: (code, problem) for name, code, problem in connection.execute(rows)}
        return {name: found.get(name, ("", "")) for name in names}

    def note_done(self, manifest: Manifest, code: str) -> None:
        """Remember which code of an addon was brought in, and what it calls itself now."""
        told = {"addon_version": manifest.version, "manifest": snapshot(manifest)}
        self._note(manifest.name, content_hash=code, problem="", **told)

    def note_failed(self, addon: str, code: str, problem: str) -> None:
        """Remember which code of an addon did not go through, and why."""
        self._note(addon, content_hash=code, problem=problem)

    def _note(self, addon: str, **values: Any) -> None:
        self._turn.expect_held()
        with self._engine.begin() as connection:
            connection.execute(update(AddonState).where(AddonState.name == addon).values(**values))
