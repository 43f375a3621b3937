"""The page of the background jobs: last runs, parked ones, another try (SEC-52)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from core.jobs.declared import declared_jobs
from core.jobs.executor import Executor
from core.jobs.models import JobRun
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visit


@pytest.fixture
def parked(app: Application, dealership: Dealership) -> int:
    """A job that has failed too often."""
    jobs = declared_jobs(app.config, app.host.hooks)
    Executor(app.database, jobs, ZoneInfo("Europe/Moscow")).register()
    with dealership.session() as session:
        number = session.scalars(select(JobRun.id).where(JobRun.name == "core.reminders")).one()
        values = {
            "parked_at": datetime.now(UTC),
            "failures": 8,
            "outcome": "failed",
            "error": "ValueError: nothing works",
        }
        session.execute(update(JobRun).where(JobRun.id == number).values(**values))
    return number


def test_a_parked_job_is_seen_and_tried_again(visit: Visit, dealership: Dealership, parked: int) -> None:
    admin = visit("admin")
    page = admin.get("/admin/jobs").text
    assert "Напоминания о задачах" in page
    assert "ValueError: nothing works" in page
    assert "1 задание остановлено" in page
    assert page.index("ValueError") < page.index("Скрепление журнала действий")
    assert re.search(r'data-count="administration"><span[^>]*>[^<]*</span>1<', page)
    assert admin.get(f"/admin/jobs/{parked}").location == f"/admin/jobs#job-{parked}"
    assert admin.post(f"/admin/jobs/{parked}/retry").status_code == 303
    with dealership.session() as session:
        run = session.scalars(select(JobRun).where(JobRun.id == parked)).one()
        assert (run.parked_at, run.failures) == (None, 0)
    assert admin.post("/admin/jobs/999999999/retry").status_code == 404


def test_a_job_of_a_missing_addon_is_named(visit: Visit, dealership: Dealership, parked: int) -> None:
    """SEC-61: it waits, and nobody can start it."""
    with dealership.session() as session:
        session.add(JobRun(name="gone.sweep", next_at=datetime.now(UTC)))
    page = visit("admin").get("/admin/jobs").text
    assert "gone.sweep" in page
    assert "его дополнение отключено" in page


def test_only_administrators_come_here(visit: Visit, parked: int) -> None:
    """SEC-1."""
    assert visit("lebedeva").get("/admin/jobs").status_code == 403
    assert visit("lebedeva").post(f"/admin/jobs/{parked}/retry").status_code == 403
