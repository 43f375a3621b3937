"""What every addon promises, as tests: a module of an addon's tests says

``from core.testing.conformance import TestConformance``

and gets them for each addon under test. What a test finds is said as a list, so that everything is said at once.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from jinja2 import TemplateSyntaxError
from sqlalchemy import inspect

from core import conformance
from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.migrations import Migrations
from core.host import checks, instance, messages, registry
from core.host.instance import CORE, MIGRATIONS
from core.host.manifest import FoundAddon
from core.testing.databases import Databases
from core.testing.instances import Client
from core.web.app import Application
from core.web.routing import PUBLIC, SIGNED_IN, Route
from core.work.personal_data import undeclared

__all__ = ["TestConformance"]

_NOBODYS = 999_999_999
"""The number of a record that does not exist."""


class TestConformance:
    """The promises of one addon."""

    # --- its files ---------------------------------------------------------------------------

    def test_core_is_used_by_its_public_names(self, forecourt_addon: FoundAddon) -> None:
        """``docs/surface.md`` lists them."""
        assert conformance.private_imports(forecourt_addon.folder) == []

    def test_other_addons_are_used_as_the_manifest_says(self, forecourt_addon: FoundAddon, host: registry.Host) -> None:
        """An optional addon is met through hooks only."""
        assert conformance.foreign_imports(forecourt_addon, host.discovery.found) == []

    def test_init_is_a_docstring(self, forecourt_addon: FoundAddon) -> None:
        """The addon is imported when it is enabled, and not by being found."""
        assert conformance.init_imports(forecourt_addon) == []

    def test_hooks_stand_in_hooks(self, forecourt_addon: FoundAddon) -> None:
        """And take no defaults: a misspelt argument would go unnoticed."""
        assert conformance.hook_problems(forecourt_addon) == []

    def test_queries_cannot_escape_the_row_rules(self, forecourt_addon: FoundAddon) -> None:
        """Rights on rows are applied to mapped classes only."""
        assert conformance.raw_queries(forecourt_addon.folder) == []

    def test_migrations_import_no_models(self, forecourt_addon: FoundAddon) -> None:
        """They have to run when the models have moved on."""
        assert conformance.migration_imports(forecourt_addon.folder) == []

    def test_every_text_is_in_russian_too(self, forecourt_addon: FoundAddon) -> None:
        """In ``locale/ru.po``."""
        assert [f"{text.place}: {text.msgid}" for text in messages.untranslated(forecourt_addon.folder)] == []

    def test_templates_hold_no_words_of_their_own(self, forecourt_addon: FoundAddon) -> None:
        """Every text a person reads goes through the catalogues."""
        assert conformance.literal_texts(forecourt_addon.folder) == []

    def test_templates_hold_nothing_the_csp_forbids(self, forecourt_addon: FoundAddon) -> None:
        """Inline styles and scripts would not work; ``|safe`` would work too well."""
        assert conformance.template_dangers(forecourt_addon.folder) == []

    def test_it_is_typed(self, forecourt_addon: FoundAddon) -> None:
        """Type checkers of those who build on it read its annotations."""
        assert (forecourt_addon.folder / "py.typed").is_file()

    # --- its tables --------------------------------------------------------------------------

    def test_models_and_migrations_agree(self, forecourt_addon: FoundAddon, forecourt: Application) -> None:
        """``forecourt db revision`` would have nothing to write."""
        folder = forecourt_addon.folder / MIGRATIONS
        with instance.engine_of(forecourt.config) as engine:
            assert Migrations(engine).check(forecourt_addon.name, folder, Base.metadata) == []

    def test_migrations_go_up_down_and_up_again_and_leave_nothing(
        self, forecourt_addon: FoundAddon, forecourt_databases: Databases, host: registry.Host
    ) -> None:
        """On an empty database, after the addons it needs."""
        url = forecourt_databases.create()
        engine = create_database_engine(url)
        try:
            migrations = Migrations(engine)
            migrations.upgrade("core", CORE / MIGRATIONS)
            for name in registry.order(_needs(forecourt_addon, host), host.discovery.found)[0]:
                migrations.upgrade(name, host.discovery.found[name].folder / MIGRATIONS)
            before = set(inspect(engine).get_table_names())
            self._there_and_back(migrations, forecourt_addon)
            assert set(inspect(engine).get_table_names()) == before
        finally:
            engine.dispose()
            forecourt_databases.drop(url)

    @staticmethod
    def _there_and_back(migrations: Migrations, addon: FoundAddon) -> None:
        folder = addon.folder / MIGRATIONS
        migrations.upgrade(addon.name, folder)
        migrations.downgrade(addon.name, folder)
        migrations.upgrade(addon.name, folder)
        migrations.purge(addon.name, folder)

    def test_people_in_its_tables_are_declared(self, forecourt_addon: FoundAddon, host: registry.Host) -> None:
        """What is held about people can be shown and erased."""
        package = f"{forecourt_addon.package}."
        models = [each.class_ for each in Base.registry.mappers if each.class_.__module__.startswith(package)]
        declared = [item for owner, item in host.hooks.declared("personal_data") if owner == forecourt_addon.name]
        assert undeclared(models, declared) == []

    # --- the running program -----------------------------------------------------------------

    def test_it_runs(self, forecourt_addon: FoundAddon, host: registry.Host) -> None:
        """Nothing it declares is wrong."""
        assert [f"{failure.addon}: {failure.reason}" for failure in host.failures] == []
        assert forecourt_addon.name in host.running

    def test_forecourt_check_finds_nothing(self, forecourt_addon: FoundAddon, forecourt: Application) -> None:
        """As ``forecourt check`` says it."""
        assert [told for told in checks.check(forecourt.config) if told.startswith(f"{forecourt_addon.name}:")] == []

    def test_it_starts_with_what_it_needs_only(self, forecourt_addon: FoundAddon, forecourt: Application) -> None:
        """In a process of its own no other addon is imported."""
        needed = sorted({forecourt_addon.name, *_needs(forecourt_addon, forecourt.host)})
        path = [str(each) for each in forecourt.config.addons_path]
        program = (
            "from pathlib import Path\n"
            "from core import conformance\n"
            "from core.host import registry\n"
            f"discovery = registry.discover([Path(each) for each in {path!r}])\n"
            f"host = registry.start({needed!r}, discovery)\n"
            f"assert sorted(host.running) == {needed!r}, host.failures\n"
            f"strangers = conformance.loaded_strangers({needed!r}, discovery.found)\n"
            "assert not strangers, strangers\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def test_its_templates_can_be_compiled(self, forecourt_addon: FoundAddon, forecourt: Application) -> None:
        """A mistake in one shows before somebody opens the page."""
        environment = forecourt.pages.environment("en", "Europe/Moscow")
        folder = forecourt_addon.folder / "templates"
        broken = []
        for file in sorted(folder.rglob("*.html")):
            try:
                environment.get_template(str(file.relative_to(folder)))
            except TemplateSyntaxError as error:
                broken.append(f"{file.name}:{error.lineno} {error.message}")
        assert broken == []

    def test_its_addresses_ask_for_their_rights(
        self, forecourt_addon: FoundAddon, forecourt: Application, sign_in: Callable[..., Client]
    ) -> None:
        """Who has no rights is refused everywhere, and nothing fails."""
        stranger = sign_in()
        wrong = []
        for route in _routes(forecourt, forecourt_addon):
            for method in route.methods:
                status = _ask(stranger, forecourt, route, method)
                if status >= 500 or (route.right not in (PUBLIC, SIGNED_IN) and status != 403):
                    wrong.append(f"{method} {route.rule} without {route.right}: {status}")
        assert wrong == []

    def test_its_addresses_answer(self, forecourt_addon: FoundAddon, forecourt: Application, client: Client) -> None:
        """Who has all rights is shown something, or told that there is no such record; nothing fails."""
        wrong = []
        for route in _routes(forecourt, forecourt_addon):
            for method in route.methods:
                status = _ask(client, forecourt, route, method)
                if status >= 500 or status in (401, 403):
                    wrong.append(f"{method} {route.rule}: {status}")
        assert wrong == []


def _needs(addon: FoundAddon, host: registry.Host) -> set[str]:
    direct = set(addon.manifest.depends)
    return direct.union(*(_needs(host.discovery.found[name], host) for name in direct))


def _routes(app: Application, addon: FoundAddon) -> list[Route]:
    return [route for name, route in app.router.routes.items() if name.partition(".")[0] == addon.name]


def _ask(client: Client, app: Application, route: Route, method: str) -> int:
    path = _path_of(app, route)
    if route.api:
        return client.api(method, path.removeprefix("/api/v1")).status_code
    return (client.get(path) if method == "GET" else client.post(path)).status_code


def _path_of(app: Application, route: Route) -> str:
    """An address of the route that names no record there is."""
    arguments = {rule.endpoint: rule.arguments for rule in app.router.map.iter_rules()}[route.endpoint]
    words = {"language": "ru", "key": "x", "action": "x", "field": "x"}
    return app.url(route.endpoint, **{name: words.get(name, _NOBODYS) for name in arguments})
