"""What a call of a hook costs the database (docs/performance.md has its time)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import ModuleType

import pytest
from sqlalchemy import event

from core.access.policy import system
from core.db.engine import Database
from core.host import hookspecs
from core.host.plugins import Hooks, hookimpl
from core.testing.statements import Statements
from tests.support.dealership import Dealership

SPECS = dict(inspect.getmembers(hookspecs, inspect.isfunction))
SPECS = {
    name: list(inspect.signature(each).parameters) for name, each in SPECS.items() if hasattr(each, "forecourt_spec")
}


@pytest.fixture
def hooks() -> Hooks:
    hooks = Hooks()
    hooks.add_specs(hookspecs)
    return hooks


def test_a_hook_that_nobody_answers_asks_the_database_nothing(dealership: Dealership, hooks: Hooks) -> None:
    """No savepoint either, in a session that writes."""
    assert "card_panels" in SPECS
    assert _asked(dealership, hooks, SPECS) == ([], 0)


def test_one_that_answers_has_a_savepoint_in_a_session_that_writes(dealership: Dealership, hooks: Hooks) -> None:
    """What the test above would see."""
    module = ModuleType("answers")

    def card_panels(screen_key: str | None) -> list[str | None]:
        return [screen_key]

    module.card_panels = hookimpl(card_panels)  # type: ignore[attr-defined]
    hooks.register("answers", module)
    assert _asked(dealership, hooks, ["card_panels"]) == ([], 1)


def _asked(dealership: Dealership, hooks: Hooks, names: Iterable[str]) -> tuple[list[str], int]:
    """The statements and the number of savepoints when these hooks are called with isolation."""
    database, nested = Database(dealership.config.database_url, hooks), []
    try:
        with Statements(database) as asked, database.writing(system("tests")) as session:
            event.listen(session, "after_transaction_create", lambda _session, each: nested.append(each.nested))
            for name in names:
                hooks.each(name, **{each: session if each == "session" else None for each in SPECS[name]})
        return asked.texts, nested.count(True)
    finally:
        database.dispose()
