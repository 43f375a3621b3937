"""The WSGI application: one object that owns one host, one database and the pages of one instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import configure_mappers
from werkzeug.exceptions import HTTPException, LengthRequired
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from core import logs
from core.access.crypto import csrf_matches, csrf_token
from core.access.identity import SignInRules
from core.access.sealed import box_of
from core.access.signin import make_authenticator
from core.clock import Clock, utcnow
from core.config import Config
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.base import Record
from core.db.engine import Database
from core.host import registry
from core.host.instance import gather_rights, start_host
from core.jobs.beat import StreamBeat
from core.live import events  # noqa: F401 - announces after commit
from core.live.hub import Hub
from core.web import administration, cookies, errors, pauses, pending, screen_set, setting_fields, upkeep, views
from core.web.api import access as api_access
from core.web.api import operations as api_operations
from core.web.api.catalogue import Catalogue
from core.web.api.exports import ListExports
from core.web.api.limiting import RateLimit
from core.web.assets import Assets
from core.web.changes import RecordWords
from core.web.http import Request, check_query, clean_form, redirect
from core.web.i18n import LANGUAGES, T, load_translators
from core.web.menu import FrameStrip, MenuItem
from core.web.once import remember_result, repeated_result
from core.web.proxies import TrustedProxies
from core.web.routing import PUBLIC, SIGNED_IN, Route, RouteError, Router, endpoint_owner
from core.web.search import SearchSource
from core.web.subjects import SubjectPage, SubjectPages
from core.web.templates import Pages
from core.web.turns import Turns
from core.work import personal_terms
from core.work.notifications import CORE_KINDS, NotificationKind
from core.work.personal_watch import ReadLog
from core.work.subjects import subject_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from core.access.identity import Identity
    from core.web.worker import Shutdown

CORE = Path(__file__).parent.parent
ATTEMPTS = 4
REQUEST_THREADS = 50  # an open stream occupies a thread; so many are left for requests

log = structlog.get_logger("forecourt.web")


class Application:
    """Forecourt for one instance, as any WSGI server runs it.

    :param config: the instance.
    :param clock: where the time comes from.
    :param reload_templates: look for changed templates at every request, for addon developers.
    """

    def __init__(self, config: Config, *, clock: Clock = utcnow, reload_templates: bool = False) -> None:
        self.config = config
        self.clock = clock
        self.reload_templates = reload_templates
        self.secret = config.secret()
        self.proxies = TrustedProxies(config.trusted_proxies)
        self.host = start_host(config)
        configure_mappers()
        self.database = Database(config.database_url, self.host.hooks, clock=clock)
        self.hub = Hub(config.database_url, limit=max(1, config.threads - REQUEST_THREADS))
        self.database.after_commit = self.hub.wake
        # PostgreSQL is another process: while it works for one request, another one may run.
        self._turns = Turns(1 if self.database.dialect == "sqlite" else 2)
        self.reads = ReadLog(self.database)
        self.beat = StreamBeat(self.database, lambda: self.hub.user_ids, also=lambda: self.reads.write(self.clock()))
        self.api_limit = RateLimit()
        self.api_exports = ListExports()
        self._put_together()
        self.authenticator = make_authenticator(
            self.secret,
            config.dealership,
            rules=self._sign_in_rules(),
            previous_secrets=config.previous_secrets(),
        )
        self._urls = self.router.map.bind("", "/", url_scheme="http")
        self._plain_urls: dict[str, str] = {}
        self.translators = load_translators([CORE / "locale", *(folder for _, folder in self.host.folders("locale"))])
        self.database.words = lambda language, msgid: self.translators[language](msgid)
        self.database.secret_box = lambda: box_of(config)
        self.assets = Assets(
            {"": CORE / "web" / "static", **dict(self.host.folders("static"))},
            sources=[CORE, *(addon.folder for addon in self.host.running.values())],
            reload=reload_templates,
        )
        self.pages = Pages(self, self.host.folders("templates"), config.instance / "templates")

    def start(self, shutdown: Shutdown) -> Application:
        """Begin in a worker: its live hub and its presence beat run until it stops. Returns itself."""
        self.hub.start()
        self.beat.start()
        shutdown.on(self.close)
        return self

    # --- WSGI ------------------------------------------------------------------------------

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        self.proxies.apply(environ)
        request = Request(environ)
        request.app = self
        with self._turns.taken():
            return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        """The answer to a request, whatever happens."""
        if request.path.startswith("/static/"):
            return errors.harden(request, self.assets.serve(request))
        logs.begin_request()
        try:
            response = self._dispatch(request)
        except Exception as error:
            response = errors.answer(request, error)
        finally:
            _close(request)
            request.close()
        if self.host.hooks.newly_paused:
            pauses.tell(self)
        upkeep.keep_renewed(request, response)
        return errors.secure(request, response)

    def close(self) -> None:
        """Let go of threads and connections."""
        self.beat.stop()
        self.hub.stop()
        self.reads.close(self.clock())
        self.database.dispose()

    # --- one request -----------------------------------------------------------------------

    def _dispatch(self, request: Request) -> Response:
        try:
            endpoint, arguments = self.router.map.bind_to_environ(request.environ).match()
        except RequestRedirect as moved:
            return redirect(_path_of(moved.new_url))
        except HTTPException:
            # Who asks for what is not there is told so in his language.
            if (identity := self._recognised(request)) is not None:
                request.identity = identity
                request.take_up(identity.access)
            raise
        request.route = self.router.routes[endpoint]
        request.max_content_length = request.route.body_limit
        self._identify(request)
        logs.add(user=request.access.user_id, addon=endpoint_owner(endpoint))
        first = pending.detour(request)
        if first is not None:
            return first
        self._admit(request)
        return self._run(request, arguments)

    def _identify(self, request: Request) -> None:
        if request.route.api:
            api_access.identify(request)
            return
        identity = self._recognised(request)
        if identity is not None:
            request.identity = upkeep.keep_up(request, identity)
            request.take_up(identity.access)

    def _recognised(self, request: Request) -> Identity | None:
        """Who asks, by his cookie."""
        token = cookies.token_of(request)
        if token is None:
            return None
        # A page is read with the session its reader was found with; a form gets a writing one of its own.
        session = self.database.session() if request.writes else request.session
        try:
            return self.authenticator.identities.identify(session, token, request.remote_addr or "")
        finally:
            if request.writes:
                session.close()

    def _admit(self, request: Request) -> None:
        """Refuse strangers, missing rights, foreign forms and bodies of unknown length."""
        route = request.route
        if route.right != PUBLIC and (request.access.user_id is None or _made_for_another(request)):
            raise errors.NotSignedIn("Sign in to go on.")
        if route.right not in (PUBLIC, SIGNED_IN):
            request.access.require(route.right)
        check_query(request)
        if not request.writes:
            return
        if request.content_length is None and request.environ.get("HTTP_TRANSFER_ENCODING"):
            raise LengthRequired
        if not route.signed and not route.api:
            self._check_form_token(request)
            clean_form(request)

    def _check_form_token(self, request: Request) -> None:
        origin = request.headers.get("Origin")
        foreign = request.headers.get("Sec-Fetch-Site") == "cross-site" or (
            origin not in (None, "null") and not self._own_origin(request, origin or "")
        )
        sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
        if foreign or not csrf_matches(self.secret, self._csrf_owner(request), sent):
            raise errors.StaleForm("This page is too old. Load it again; what you typed is kept.")

    def _own_origin(self, request: Request, origin: str) -> bool:
        own = self.config.public_url or request.host_url
        return origin.rstrip("/") == own.rstrip("/")

    def _run(self, request: Request, arguments: Mapping[str, Any]) -> Response:
        if not request.writes:
            return request.route.view(request, **arguments)
        for attempt in range(ATTEMPTS):
            try:
                return self._run_writing(request, arguments)
            except Exception as error:
                if known := self._first_result(request):
                    return redirect(known)
                _close(request)
                if attempt + 1 == ATTEMPTS or not errors.worth_repeating(error):
                    raise
                _rewind(request)
        raise AssertionError("unreachable")

    def _run_writing(self, request: Request, arguments: Mapping[str, Any]) -> Response:
        response = request.route.view(request, **arguments)
        if response.status_code >= 400:
            known = self._first_result(request)
            return redirect(known) if known else response
        if request._session is not None:
            if response.location and (key := _once_key(request)):
                remember_result(request.session, key, response.location)
            request._session.commit()
        return response

    def _first_result(self, request: Request) -> str | None:
        """Where the first sending of this form led, if it was sent before (SEC-48).

        Asked only of a form that did not go through: one that is repeated fails at its key, if not before.
        """
        _close(request)
        key = _once_key(request)
        return repeated_result(request.session, key) if key else None

    def note_read(self, request: Request, record: Record) -> None:
        """Remember that somebody has opened a card (SEC-63); written in batches, so it costs him nothing."""
        self.reads.note(request.access.user_id, subject_of(record), self.clock())

    # --- helpers for views and templates ---------------------------------------------------

    def url(self, endpoint: str, **arguments: Any) -> str:
        """The path of an endpoint; arguments that are no part of it become the query."""
        values = {key: value for key, value in arguments.items() if value is not None}
        if values:
            return self._urls.build(endpoint, values)
        known = self._plain_urls.get(endpoint)
        if known is None:
            known = self._plain_urls[endpoint] = self._urls.build(endpoint, {})
        return known

    def csrf_token(self, request: Request) -> str:
        """The token that this person's forms carry."""
        return csrf_token(self.secret, self._csrf_owner(request))

    def _csrf_owner(self, request: Request) -> str:
        return request.identity.csrf_owner if request.identity else cookies.visitor_of(request)

    def language_of(self, request: Request) -> str:
        """The language for somebody who is not signed in."""
        if chosen := cookies.chosen_language(request):
            return chosen
        return request.accept_languages.best_match(LANGUAGES, default=self.config.language) or self.config.language

    # --- start -----------------------------------------------------------------------------

    def _put_together(self) -> None:
        """Everything that is declared; what fails on the way is left out, and the rest is gathered anew (SEC-59).

        :raises AddonError: naming what failed, on an instance that is ``strict``.
        """
        failures = -1
        while failures != len(self.host.failures):
            failures = len(self.host.failures)
            self._gather()
        if self.config.strict and self.host.failures:
            raise registry.AddonError(registry.said(self.host.failures))

    def _gather(self) -> None:
        host = self.host
        self.rights = gather_rights(host)
        operations = api_operations.gather(host)
        self.words = RecordWords()
        self.screens = screen_set.gather(host, self.rights.rights, administration.screens(self.words))
        self.words.learn(self.screens, host)
        self.settings = setting_fields.gather(personal_terms.SETTINGS, host)
        self.api = Catalogue(host, self.screens, operations)
        self.router = self._routes()
        self.menu = self._menu()
        self.strips = self._strips()
        sources = host.declared("search_sources", SearchSource)
        self.search_sources = sorted(sources, key=lambda pair: (pair[1].order, pair[1].name))
        self.subjects = SubjectPages(self._subject_pages(), self.url)
        kinds = host.declared("notification_kinds", NotificationKind)
        self.notification_kinds = [*CORE_KINDS, *(kind for _, kind in kinds)]
        for hook in host.hooks.unasked:
            host.declared(hook, object)  # what raises fails its addon now, and nobody's page later

    def _sign_in_rules(self) -> SignInRules:
        asked = self.config.require_second_factor and not self.config.demo
        guarded = self.rights.guarded_rights if asked else frozenset()
        return SignInRules(guarded_rights=guarded, time_zone=self.config.time_zone)

    def _routes(self) -> Router:
        router = Router()
        known = set(self.rights.rights)
        router.add("core", views.routes(), known)
        by_addon: dict[str, list[Route]] = {}
        for addon, route in self.host.declared("routes", Route):
            by_addon.setdefault(addon, []).append(route)
        for addon, route in [*self.screens.routes(), *self.api.routes()]:
            by_addon.setdefault(addon, []).append(route)
        for addon, routes in by_addon.items():
            if addon not in self.host.running and addon != "core":
                continue
            try:
                router.add(addon, routes, known)
            except RouteError as error:
                if addon == "core":
                    raise
                for message, values in error.problems:
                    self.host.fail(addon, message, **values)
            except Exception as error:
                if addon == "core":
                    raise
                self.host.fail(addon, T("Its addresses cannot be served: %(error)s"), error=registry.named(error))
        return router

    def _menu(self) -> list[MenuItem]:
        added = self.host.declared("menu", MenuItem)
        own = views.menu([mounted.screen for mounted in self.screens])
        items = [*own, *(item for addon, item in added if self._leads_somewhere(addon, "menu", item.endpoint))]
        return sorted(items, key=lambda item: (item.order, item.key))

    def _strips(self) -> list[FrameStrip]:
        added = self.host.declared("frame_strips", FrameStrip)
        return [each for addon, each in added if self._leads_somewhere(addon, "frame_strips", each.endpoint)]

    def _subject_pages(self) -> list[SubjectPage]:
        """Where records are shown and taken."""
        added = self.host.declared("subject_pages", SubjectPage)
        known = [
            page
            for addon, page in added
            if all(self._leads_somewhere(addon, "subject_pages", each) for each in (page.endpoint, page.claim) if each)
        ]
        return [*views.subject_pages(), *known]

    def _leads_somewhere(self, addon: str, hook: str, endpoint: str) -> bool:
        """Whether there is such an endpoint; every page would break on the address of one there is not."""
        if endpoint in self.router.routes:
            return True
        message = T("Its hook «%(hook)s» leads to %(endpoint)s, and there is no such address.")
        self.host.fail(addon, message, hook=hook, endpoint=endpoint)
        return False


def _made_for_another(request: Request) -> bool:
    """Whether the page that asks for a piece shows somebody else than who is signed in now.

    Nothing is decided by the number that it names (SEC-08): it can only be refused.
    """
    reader = request.headers.get("X-Reader", "")
    return bool(reader) and reader != str(request.access.user_id)


def _path_of(url: str) -> str:
    """The path of an own address; its host is only what the request claims (SEC-28)."""
    parts = urlsplit(url)
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path


def _rewind(request: Request) -> None:
    """Put the uploads back to their beginning: the view has read them, and reads them again."""
    for uploads in request.files.listvalues():
        for upload in uploads:
            upload.stream.seek(0)


def _once_key(request: Request) -> str:
    return "" if request.route.api or request.route.aside else request.form.get("once", "")


def _close(request: Request) -> None:
    if request._session is not None:
        request._session.close()
        request._session = None
