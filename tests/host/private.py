"""Addons of a test's own: written into a private folder, enabled in the database, forgotten afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from core.access.policy import system
from core.config import Config
from core.db.engine import Database
from core.host.models import AddonState
from core.host.plugins import Hooks
from tests.support.addons import forget
from tests.support.dealership import Dealership

MANIFEST = """name = "{name}"
version = "1.0"
core = "{core}"
{needs}
[title]
ru = "{name} по-русски"
en = "{name} in English"
"""
PAGE = """
from werkzeug.wrappers import Response
from core.host.plugins import hookimpl
from core.web.routing import SIGNED_IN, Route

@hookimpl
def routes():
    return [Route("/{name}", "page", lambda request: Response("{name} runs"), right={right})]
"""
REVISION = """import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before}
branch_labels = None
depends_on = None


def upgrade():
    {body}


def downgrade():
    pass
"""


def page(name: str, right: str = "SIGNED_IN") -> str:
    """The hooks of an addon that has one page, ``/name``, which says that it runs."""
    return PAGE.replace("{name}", name).replace("{right}", right)


@dataclass
class Private:
    """A dealership with a folder of addons of the test's own."""

    dealership: Dealership
    folder: Path

    @property
    def config(self) -> Config:
        """The settings with that folder."""
        return msgspec.structs.replace(self.dealership.config, addons_path=(self.folder,))

    def write(self, name: str, *, folder: str = "", core: str = ">=0.1", needs: str = "", **files: str) -> Path:
        """Write an addon; files by their names, ``.py`` unless it is another: ``rights_toml``."""
        place = self.folder / (folder or name)
        place.mkdir(parents=True, exist_ok=True)
        (place / "addon.toml").write_text(MANIFEST.format(name=name, core=core, needs=needs), encoding="utf-8")
        (place / "__init__.py").touch()
        for file, source in files.items():
            path = place / (file.replace("_toml", ".toml") if file.endswith("_toml") else f"{file}.py")
            path.write_text(source, encoding="utf-8")
        return place

    def revision(self, name: str, number: int, body: str) -> None:
        """Write a migration of an addon."""
        folder = self.folder / name / "migrations"
        folder.mkdir(exist_ok=True)
        before = f'"{number - 1:04d}_step"' if number > 1 else "None"
        text = REVISION.format(revision=f"{number:04d}_step", before=before, body=body)
        (folder / f"{number:04d}_step.py").write_text(text, encoding="utf-8")

    def enable(self, names: Iterable[str]) -> None:
        """Say in the database that these are enabled, whatever is wrong with them."""
        database = Database(self.config.database_url, Hooks())
        with database.writing(system("tests")) as session:
            session.add_all(AddonState(name=name, state="enabled", addon_version="1.0", manifest={}) for name in names)
        database.dispose()

    def forget(self) -> None:
        """Take the addons out of the process again."""
        forget(self.folder)


@pytest.fixture
def private(dealership: Dealership, tmp_path: Path) -> Iterator[Private]:
    """The dealership, and a folder for addons."""
    folder = tmp_path / "private"
    folder.mkdir()
    made = Private(dealership, folder)
    yield made
    made.forget()


__all__ = ["Private", "page", "private"]
