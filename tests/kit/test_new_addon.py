"""A new addon passes its own tests at once, and they find what is wrong with it afterwards."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.kit.conftest import Workshop

pytestmark = pytest.mark.slow


def failed(done: subprocess.CompletedProcess[str]) -> set[str]:
    return set(re.findall(r"^(?:FAILED|ERROR) \S+::(test_\w+)", done.stdout, re.MULTILINE))


def test_a_new_addon_passes_its_own_tests(workshop: Workshop, database_kind: str) -> None:
    done = workshop.run_tests("--forecourt-database", database_kind)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"[{database_kind}-tyres]" in workshop.run_tests("--collect-only").stdout


def test_every_broken_promise_is_found(workshop: Workshop) -> None:
    workshop.change("tyres/models.py", "default=0)", "default=0)\n    told: Mapped[str] = mapped_column(String(400))")
    workshop.change("tyres/services.py", "from core import Hit", "from core.db.base import Base\nfrom core import Hit")
    workshop.change("tyres/hooks.py", 'T("Items"), "list", "tyres.items"', 'T("Wheels"), "list", "tyres.items"')
    (workshop.package / "py.typed").unlink()

    done = workshop.run_tests("--forecourt-database", "sqlite", "tests/test_conformance.py")

    assert failed(done) == {
        "test_core_is_used_by_its_public_names",
        "test_every_text_is_in_russian_too",
        "test_its_addresses_answer",  # the table lacks the column
        "test_it_is_typed",
        "test_models_and_migrations_agree",
        "test_people_in_its_tables_are_declared",
    }
    for culprit in ("core.db.base", "Wheels", "told"):
        assert culprit in done.stdout


def test_an_addon_that_does_not_start_is_named(workshop: Workshop) -> None:
    workshop.change("tyres/screens.py", 'order=("title",)', 'order=("name",)')

    done = workshop.run_tests("--forecourt-database", "sqlite", "tests/test_conformance.py", "-k", "it_runs")

    assert failed(done) == {"test_it_runs"}
    assert "tyres.items: order" in done.stdout
