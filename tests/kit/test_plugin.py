"""The pytest plugin: what it costs, what it gives, what it refuses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.kit.conftest import Workshop
from tests.support.addons import ROOT


def test_it_imports_nothing_of_core_until_it_is_asked() -> None:
    """Every pytest run on a machine with Forecourt imports it."""
    program = "import sys, core.testing; print(*sorted(name for name in sys.modules if name.startswith('core')))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["core", "core.postponed", "core.testing"]


def test_it_works_where_there_is_no_pwd() -> None:
    """On Windows."""
    program = "import sys; sys.modules['pwd'] = None; import core.testing.databases, core.testing.instances"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.slow
class TestAsked:
    def told(self, workshop: Workshop, test: str, *arguments: str) -> str:
        """What pytest says of a test that stands alone."""
        for file in (workshop.folder / "tests").iterdir():
            file.unlink()
        (workshop.folder / "tests" / "test_one.py").write_text(test, encoding="utf-8")
        return workshop.run_tests("--forecourt-database", "sqlite", *arguments).stdout

    def test_an_unknown_addon_is_named(self, workshop: Workshop) -> None:
        told = self.told(workshop, "def test(host): ...", "-o", "forecourt_addons=wheels")
        assert "forecourt_addons: there is no addon 'wheels'" in told

    def test_an_unknown_right_is_named(self, workshop: Workshop) -> None:
        assert "no such right: tyres.item.eat" in self.told(workshop, "def test(sign_in): sign_in('tyres.item.eat')")

    def test_addons_have_to_be_named(self, workshop: Workshop) -> None:
        told = self.told(workshop, "def test(host): ...", "-o", "forecourt_addons=")
        assert "forecourt_addons says of no addon that it is under test" in told

    def test_bundled_addons_can_stand_beside_it(self, workshop: Workshop) -> None:
        test = "def test(host, client):\n    assert list(host.running) == ['contacts', 'tyres']\n"
        test += "    assert client.get('/clients').status_code == 200\n"
        assert "1 passed" in self.told(workshop, test, "-o", "forecourt_addons=contacts tyres")

    def test_time_passes_when_the_test_says_so(self, workshop: Workshop) -> None:
        test = """
from datetime import timedelta
from tyres.models import Item

def test(session, clock):
    before, after = Item(title="before"), Item(title="after")
    session.add(before)
    session.flush()
    clock.go(minutes=10)
    session.add(after)
    session.flush()
    assert after.created_at - before.created_at == timedelta(minutes=10)
"""
        assert "1 passed" in self.told(workshop, test)

    def test_each_test_has_an_instance_of_its_own(self, workshop: Workshop) -> None:
        test = """
import pytest
from sqlalchemy import select
from tyres.models import Item

@pytest.mark.parametrize("turn", [1, 2])
def test(client, session, turn):
    client.post("/tyres/new", {"title": "Winter tyres"})
    assert len(session.scalars(select(Item)).all()) == 1
"""
        assert "2 passed" in self.told(workshop, test)
