"""Conformance of hooks, words of people and templates of the running set (LAYOUT §12)."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import TemplateSyntaxError

from core.db.base import Base
from core.web.app import Application
from core.work.personal_data import undeclared
from tests.support.addons import ROOT


def test_no_addon_fails(app: Application) -> None:
    assert app.host.failures == []


def test_people_in_tables_are_declared(app: Application) -> None:
    """SEC-69, SEC-70: what is held about people can be shown and erased, in every addon."""
    problems = []
    for addon in app.host.running:
        package = app.host.running[addon].package
        models = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__module__.startswith(package)]
        declarations = [item for owner, item in app.host.hooks.declared("personal_data") if owner == addon]
        problems += undeclared(models, declarations)
    assert problems == []


def test_every_template_can_be_compiled(app: Application) -> None:
    environment = app.pages.environment("ru", "Europe/Moscow")
    folders = [ROOT / "core" / "web" / "templates", *(folder for _, folder in app.host.folders("templates"))]
    broken = []
    for folder in folders:
        for file in sorted(folder.rglob("*.html")):
            try:
                environment.get_template(str(file.relative_to(folder)))
            except TemplateSyntaxError as error:
                broken.append(f"{file.name}:{error.lineno} {error.message}")
    assert broken == []


def test_every_address_leads_somewhere(app: Application) -> None:
    """What templates and menus name by ``url('…')`` are endpoints of this set, or of an addon that is not in it."""
    named = re.compile(r"""url\(\s*['"]([a-z_.]+)['"]""")
    running = {"core", *app.host.running}
    found = [
        (file.name, endpoint)
        for file in [*(ROOT / "core").rglob("*.html"), *(ROOT / "addons").rglob("*.html")]
        for endpoint in named.findall(Path(file).read_text(encoding="utf-8"))
        if endpoint.partition(".")[0] in running
    ]
    assert found
    assert [each for each in found if each[1] not in app.router.routes] == []
