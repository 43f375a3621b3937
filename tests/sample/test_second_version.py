"""The next version of an addon comes over the data of the one before: a migration, a new column, a changed screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import select, text

from core.config import Config
from core.host import instance
from core.host.models import AddonState, UpgradeStep
from tests.sample.conftest import Sample, Stay
from tests.support.addons import ROOT
from tests.support.sample import PACKAGE, write_sample
from tests.support.visitors import Visitor
from tests.uninstall import fingerprints

pytestmark = pytest.mark.addons("contacts", "sales")


def forecourt(config: Config, *arguments: str) -> str:
    """What the command says in a process of its own, as on the machine of the instance."""
    done = subprocess.run(
        [sys.executable, "-m", "core.cli", "--instance", str(config.instance), *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "FORECOURT_DATABASE": config.database,
            "FORECOURT_ADDONS_PATH": str(config.addons_path[0]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or arguments == ("upgrade", "--check"), done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_is_upgraded_with_its_data_in_place(sample: Sample, stay: Stay) -> None:
    before = fingerprints.data(sample.config)
    sample.forget()
    shutil.rmtree(sample.folder)
    write_sample(sample.folder, second=True)

    assert "0002_chargers" in forecourt(sample.config, "upgrade", "--check")
    assert fingerprints.data(sample.config) == before
    assert "0002_chargers" in forecourt(sample.config, "upgrade")

    with instance.looking(sample.config) as connection:
        steps = connection.execute(select(UpgradeStep.step, UpgradeStep.ended_at, UpgradeStep.problem)).all()
        version = connection.scalar(select(AddonState.addon_version).where(AddonState.name == PACKAGE))
        zones = connection.execute(text("SELECT title_ru, places, chargers FROM parking_zone ORDER BY position")).all()
    assert {step for step, ended, problem in steps if ended and not problem} >= {"tables", "shipped rows"}
    assert version == "1.1"
    assert [tuple(zone) for zone in zones] == [("Гостевая у входа", 30, 0), ("Зона выдачи", 4, 0), ("Зарядка", 2, 2)]
    after = fingerprints.data(sample.config)
    for table in ("parking_pass", "parking_kept_place", "contacts_document", "contacts_customer", "sales_worksheet"):
        assert after[table] == before[table], table
    with sample.running() as app:
        admin = Visitor(app, "admin")
        assert "С зарядкой" in admin.get("/parking/zones").text
        assert "ПП-00001" in admin.get("/parking").text
