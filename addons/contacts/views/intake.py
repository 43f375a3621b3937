"""Where sites and messengers send what their clients write, and where their secrets are issued (SEC-39…42)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from werkzeug.wrappers import Response

from addons.contacts.models import IntakeSource
from addons.contacts.services.intake import receiving, sources
from addons.contacts.services.intake.adapters import Hook, adapter_of
from addons.contacts.services.intake.limits import Buckets
from core import (
    PUBLIC,
    Action,
    NotFound,
    Page,
    Panel,
    Record,
    Request,
    Route,
    T,
    WorkSession,
    expect_record,
    system,
)

BODY_LIMIT = 256 * 1024
OLD_PER_MINUTE, OLD_BURST = 10.0, 20.0
"""How often one address may call the paths of the old kind."""
READ = "contacts.source.read"
CHANGE = "contacts.source.change"
Find = Callable[[WorkSession, Hook], IntakeSource]


class Intake:
    """The addresses that other programs send to; each counts by itself how often they come."""

    def __init__(self) -> None:
        self._limits = Buckets()
        self._old_limits = Buckets(OLD_PER_MINUTE, OLD_BURST)

    def routes(self) -> list[Route]:
        """The addresses: one for every source, and the two of the old kind, which a site need not change (C-16)."""
        own, old = "/intake/<address>", ("/crm/callback.php", "/crm_reg_call.php", "/crm/crm_reg_call.php")
        return [
            _route(own, "intake", self.receive),
            Route(own, "intake_check", self.check, right=PUBLIC, signed=True),
            *(_route(rule, f"intake_old_{number}", self.receive_old) for number, rule in enumerate(old, 1)),
        ]

    def receive(self, request: Request, address: str) -> Response:
        """What a source sends (S1-23, S1-24)."""
        self._limits.spend(f"{address[:40]} {request.remote_addr}")
        return _taken(request, lambda session, _: sources.by_address(session, address))

    def receive_old(self, request: Request) -> Response:
        """The same by a path of the old kind: it says by itself whether the client is to be called (S1-25, S1-26)."""
        self._old_limits.spend(str(request.remote_addr))
        address = request.args.get("source", "")
        find: Find = (lambda session, _: sources.by_address(session, address)) if address else sources.of_old_path
        return _taken(request, find, call=request.path.endswith("/callback.php"))

    def check(self, request: Request, address: str) -> Response:
        """A messenger makes sure that the address is ours."""
        self._limits.spend(f"{address[:40]} {request.remote_addr}")
        with request.app.database.reading(system("intake")) as session:
            source = sources.by_address(session, address, lock=False)
            adapter = adapter_of(session, source.adapter)
            if adapter.challenge is None:
                raise NotFound
            answer = adapter.challenge(request.args.to_dict(), sources.secrets_of(session, source))
        return Response(answer, content_type="text/plain; charset=utf-8")


def _route(rule: str, endpoint: str, view: Callable[..., Response]) -> Route:
    return Route(rule, endpoint, view, ("POST",), PUBLIC, body_limit=BODY_LIMIT, signed=True)


def _taken(request: Request, find: Find, *, call: bool | None = None) -> Response:
    """Verified, kept and registered in one transaction, and answered after it."""
    hook = _hook(request)
    with request.app.database.writing(replace(system("intake"), source=hook.address)) as session:
        source = find(session, hook)
        adapter = adapter_of(session, source.adapter)
        adapter.verify(hook, sources.secrets_of(session, source))
        receipts = receiving.receive(session, source, adapter, hook, call=call)
    if adapter.answer:
        return _json(adapter.answer, 200)
    taken = [{"id": each.contact_id, "number": each.number, "repeated": each.repeated} for each in receipts]
    return _json({"taken": taken}, 202)


def _json(data: Mapping[str, Any], status: int) -> Response:
    return Response(msgspec.json.encode(data), status, content_type="application/json")


def _hook(request: Request) -> Hook:
    return Hook(
        body=request.get_data(),
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
        address=request.remote_addr or "",
        at=request.app.clock(),
    )


# --- secrets ----------------------------------------------------------------------------------------


def secret_routes() -> list[Route]:
    """Where an administrator gets the secret of a source."""
    return [Route("/intake-sources/<int:record_id>/secret", "source_secret", issue, ("POST",), right=CHANGE)]


def actions(subject: Record) -> list[Action] | None:
    """The button on the card of a source."""
    if not isinstance(subject, IntakeSource):
        return None
    label = T("New secret") if subject.sealed_secret else T("Issue a secret")
    return [Action("secret", label, "contacts.source_secret", CHANGE, icon="key", post=True)]


def panels(_session: WorkSession, subject: Record) -> list[Panel]:
    """Where a source sends to, and whether it has a secret, on its card."""
    if not isinstance(subject, IntakeSource):
        return []
    told = {"source": subject}
    return [Panel("address", T("It sends to the address:"), "contacts/panel_source.html", lambda: told, right=READ)]


def issue(request: Request, record_id: int) -> Response:
    """A new secret, shown this once."""
    source = expect_record(request.session, IntakeSource, record_id)
    secret = sources.issue_secret(request.session, source)
    back = request.url("contacts.intake_sources.card", record_id=record_id)
    page = Page(request.translate("Secret"), crumbs=((source.title, back),), menu="directories")
    return request.render(
        "contacts/source_secret.html",
        page=page,
        source=source,
        secret=secret,
        back=back,
    )
