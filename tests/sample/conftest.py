"""The sample addon beside the dealership: its files in a folder of the test, its addon enabled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from core.config import Config
from core.db.engine import WorkSession
from core.host import instance, registry
from core.web.app import Application
from tests.support.addons import forget
from tests.support.dealership import Dealership
from tests.support.sample import PACKAGE, write_sample


@dataclass
class Sample:
    """A dealership that knows the sample addon."""

    dealership: Dealership
    folder: Path

    @property
    def config(self) -> Config:
        """The settings with its folder."""
        return msgspec.structs.replace(self.dealership.config, addons_path=(self.folder,))

    @contextmanager
    def session(self) -> Iterator[WorkSession]:
        """A writing session of the system with the addons that are on."""
        host = registry.start(instance.enabled(self.config), registry.discover(self.config.addons_path))
        with instance.working(self.config, host, "test") as session:
            yield session

    @contextmanager
    def running(self, config: Config | None = None) -> Iterator[Application]:
        """The application, with nothing left out."""
        app = Application(config or self.config)
        try:
            assert app.host.failures == []
            yield app
        finally:
            app.close()

    def forget(self) -> None:
        """Take its code out of the process again."""
        forget(self.folder)


@pytest.fixture
def sample(dealership: Dealership, tmp_path: Path) -> Iterator[Sample]:
    """The dealership with the sample addon enabled."""
    made = Sample(dealership, write_sample(tmp_path / "addons"))
    instance.enable(made.config, [PACKAGE])
    yield made
    made.forget()


@dataclass(frozen=True, slots=True)
class Stay:
    """The numbers of a client whose car stands here, of his pass and of his deal."""

    customer: int
    parked: int
    worksheet: int


@pytest.fixture
def stay(sample: Sample) -> Stay:
    """A buyer whose car stands among those of guests; his place is kept, and somebody has changed a zone's name."""
    from addons.contacts.models import Customer, Vehicle
    from addons.contacts.services.customers import CustomerData, create_customer
    from addons.sales.models import Worksheet
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    with sample.session() as session:
        from parking.models import KeptPlace, Zone
        from parking.services import passes

        data = CustomerData(last_name="Иванов", first_name="Виктор", phones=["89031234567"])
        customer: Customer = create_customer(session, data)
        car = Vehicle(customer_id=customer.id, title="Kia Rio", plate="A123BC777")
        session.add_all([car, KeptPlace(id=customer.id, place="B-12")])
        guests = session.scalars(select(Zone).where(~Zone.handover)).one()
        guests.title_ru = "Гостевая у входа"
        host = sample.dealership.people["petukhov"]
        new = passes.NewPass(car.plate or "", car.title, customer.id, host_id=host, zone_id=guests.id, price=50_000)
        parked = passes.enter(session, passes.issue(session, new).id)
        deal = NewWorksheet(customer_id=customer.id, interest="Kia Rio", responsible_id=host)
        worksheet = session.get_one(Worksheet, create_worksheet(session, deal).id)
        return Stay(customer.id, parked.id, worksheet.id)
