"""The pages of the care for personal data, asked for as a browser does (SEC-68…75)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from addons.contacts.models import Consent
from core.access.crypto import csrf_token
from core.access.policy import Access, Scope, system
from core.config import Config
from core.db.audit import AuditEntry, note_action
from core.db.engine import Database
from core.host.models import AddonState
from core.host.plugins import Hooks
from core.web.app import Application
from core.web.http import Request
from core.web.views import personal
from core.work.personal_models import Erasure
from core.work.subjects import Subject
from tests.personal.dealership import LAST, PHONE, RIGHTS, Dealership

pytestmark = pytest.mark.addons("contacts", "sales")


class PersonalApplication(Application):
    """The application with the sign-in left out: the test says who asks."""

    person = Access(user_id=1, login="owner", name="Анна", grants=RIGHTS, roles=frozenset({"administrator"}))

    def _identify(self, request: Request) -> None:
        request.access = self.person

    def _csrf_owner(self, request: Request) -> str:
        return "tests"


class Visitor:
    """Asks the application as a browser does."""

    def __init__(self, app: PersonalApplication) -> None:
        self.app = app
        self._client = HttpClient(app)

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self._client.get(path)

    def post(self, path: str, **fields: str) -> TestResponse:
        """A form with its token."""
        return self._client.post(path, data={"csrf_token": csrf_token(self.app.secret, "tests"), **fields})

    def may(self, **changed: Scope) -> None:
        """Change some of the person's rights."""
        grants = {**RIGHTS, **{name.replace("__", "."): scope for name, scope in changed.items()}}
        self.app.person = Access(user_id=1, login="owner", name="Анна", grants=grants)


@pytest.fixture
def visitor(dealership: Dealership, tmp_path: Path) -> Iterator[Visitor]:
    """A browser of the owner, with contacts and sales running."""
    database = Database(dealership.url, Hooks())
    with database.writing(system("tests")) as session:
        session.add_all(
            AddonState(name=name, state="enabled", addon_version="0.1.0", manifest={}) for name in ("contacts", "sales")
        )
    database.dispose()
    app = PersonalApplication(Config(instance=tmp_path, database=dealership.url, strict=True), clock=dealership.clock)
    yield Visitor(app)
    app.close()


def _page(person: Subject, part: str = "") -> str:
    return f"/personal/{person.type}/{person.id}{part}"


def test_look_take_out_erase_and_print_the_act(dealership: Dealership, visitor: Visitor) -> None:
    """SEC-69, SEC-70, SEC-71: the whole way on the pages."""
    person = dealership.client()
    shown = visitor.get(_page(person))
    assert shown.status_code == 200
    assert "Что должно остаться" in shown.text
    assert LAST not in shown.text
    file = visitor.post(_page(person, "/file"))
    page = zipfile.ZipFile(io.BytesIO(file.data)).read("subject.html").decode()
    assert PHONE in page
    assert "Телефон" in page
    refused = visitor.post(_page(person, "/erase"), reason="demand")
    assert refused.status_code == 422
    assert dealership.found(LAST)
    done = visitor.post(_page(person, "/erase"), reason="demand", sure="1")
    assert (done.status_code, done.location) == (303, "/personal/acts/1")
    assert dealership.found(LAST) == []
    act = visitor.get(done.location or "").text
    for word in ("Акт об уничтожении", "Клиент № 1", "Forecourt", "Имя", "Резервные копии"):
        assert word in act
    assert "Клиент № 1" in visitor.get("/personal").text
    assert "Уничтожать больше нечего" in visitor.get(_page(person)).text


def test_nobody_waits_while_a_subject_file_is_packed(
    dealership: Dealership, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-69: that it was taken out is in the trail before the files are read, and the database is free."""
    person, packed = dealership.client(), []

    def pack(*_: object) -> bytes:
        with dealership.by_job() as session:
            packed.append(session.scalar(select(AuditEntry.id).where(AuditEntry.action == "personal_data.export")))
            note_action(session, "somebody else writes", None)
        return b""

    monkeypatch.setattr(personal, "as_archive", pack)
    assert visitor.post(_page(person, "/file")).status_code == 200
    assert packed[0]


def test_a_reason_is_needed_and_only_people_have_such_a_page(dealership: Dealership, visitor: Visitor) -> None:
    """SEC-70."""
    person = dealership.client()
    assert visitor.post(_page(person, "/erase"), sure="1").status_code == 422
    assert visitor.get("/personal/contacts_customer/99").status_code == 404
    assert visitor.get("/personal/core_user/1").status_code == 404
    assert visitor.get("/personal/acts/5").status_code == 404


def test_the_pages_need_their_rights(dealership: Dealership, visitor: Visitor) -> None:
    """SEC-1: read, export and erase are rights of their own."""
    person = dealership.client()
    visitor.may(core__personal_data__export=Scope.NONE, core__personal_data__erase=Scope.NONE)
    assert visitor.get(_page(person)).status_code == 200
    assert visitor.post(_page(person, "/file")).status_code == 403
    assert visitor.post(_page(person, "/erase"), reason="demand", sure="1").status_code == 403
    visitor.may(core__personal_data__read=Scope.NONE)
    assert visitor.get("/personal").status_code == 403
    with dealership.by_job() as session:
        assert session.scalars(select(Erasure)).all() == []


def test_whom_a_leak_affects(dealership: Dealership, visitor: Visitor) -> None:
    """SEC-73: by reference, never by name; a wrong day is told."""
    dealership.client()
    found = visitor.post("/personal/affected", since="2026-03-01", until="2026-03-31", account="1")
    assert found.status_code == 200
    assert "Клиент № 1" in found.text
    assert LAST not in found.text
    assert visitor.post("/personal/affected", since="x", until="2026-03-31").status_code == 422


def test_a_consent_is_recorded_and_withdrawn_on_the_pages(dealership: Dealership, visitor: Visitor) -> None:
    """SEC-68."""
    customer = dealership.neighbour()
    assert visitor.get(f"/clients/{customer}/consent").status_code == 200
    refused = visitor.post(f"/clients/{customer}/consent", purpose="marketing", channel="paper")
    assert refused.status_code == 422
    told = {"purpose": "marketing", "channel": "paper", "text_version": "2026-1", "evidence": "№ 5"}
    given = visitor.post(f"/clients/{customer}/consent", **told, until="2027-01-01")
    assert given.status_code == 303
    card = visitor.get(given.location or "")
    assert card.status_code == 200
    assert "Реклама и новости" in card.text
    assert f"/personal/contacts_customer/{customer}" in card.text
    with dealership.by_job() as session:
        number = session.scalars(select(Consent.id)).one()
    assert visitor.post(f"/consents/{number}/withdraw").status_code == 303
    assert "отозвано" in visitor.get(given.location or "").text
