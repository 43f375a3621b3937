"""The background jobs: when each ran last, how it went, which are parked and wait for somebody (SEC-52)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.wrappers import Response

from core.jobs import runs
from core.jobs.declared import declared_jobs
from core.jobs.models import JobRun
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.web.subjects import SubjectPage
from core.web.views.common import addon_title

READ = "core.job.read"


@dataclass(frozen=True, slots=True)
class ShownJob:
    """One job with its last run; ``known`` is false for one whose addon does not run."""

    run: JobRun
    title: str
    owner: str
    known: bool


def routes() -> list[Route]:
    """The addresses of the page."""
    return [
        Route("/admin/jobs", "jobs", show, right=READ, menu="administration"),
        Route("/admin/jobs/<int:record_id>", "job", show_one, right=READ, menu="administration"),
        Route("/admin/jobs/<int:record_id>/retry", "job_retry", retry, ("POST",), right=runs.RETRY),
    ]


def subject_pages() -> list[SubjectPage]:
    """Where the notice of a parked job leads."""
    return [SubjectPage(JobRun.__tablename__, "core.job")]


def show(request: Request) -> Response:
    """All jobs, the parked and failing ones first."""
    declared = declared_jobs(request.app.config, request.app.host.hooks)
    found = request.session.scalars(select(JobRun).order_by(JobRun.name)).all()
    rows = [
        ShownJob(
            run,
            request.translate(declared[run.name].title) if run.name in declared else run.name,
            "" if run.name.startswith("core.") else addon_title(request, run.name.partition(".")[0]),
            run.name in declared,
        )
        for run in sorted(found, key=lambda run: (run.parked_at is None, not run.failures, run.name))
    ]
    crumbs = ((request.translate(T("Administration")), request.url("core.administration")),)
    return request.render(
        "admin/jobs.html",
        page=Page(request.translate(T("Background jobs")), crumbs=crumbs, menu="administration"),
        rows=rows,
        parked=sum(row.run.parked_at is not None for row in rows),
        retried=request.args.get("retried", ""),
        may_retry=request.access.may(runs.RETRY),
    )


def show_one(request: Request, record_id: int) -> Response:
    """The jobs, at the one that a notice is about."""
    return redirect(f"{request.url('core.jobs')}#job-{record_id}")


def retry(request: Request, record_id: int) -> Response:
    """Have a job run as soon as possible."""
    runs.run_again(request.session, record_id)
    return redirect(request.url("core.jobs", retried=record_id))
