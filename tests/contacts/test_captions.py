"""X-10: buttons that the product's documents name keep their captions, word for word, in the Russian interface.

«Позвонить», «Положить трубку» and «Разбить адрес по отдельным полям» belong to telephony and delivery.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, InboundContact
from core.access.models import Branch
from core.access.policy import system
from core.web.app import Application
from tests.contacts.clients import add_client
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def goal(dealership: Dealership) -> int:
    """Buying a car, by phone."""
    with dealership.session() as session:
        chosen = select(ContactGoal.id).where(ContactGoal.channel == "phone", ContactGoal.purpose_ru.contains("новог"))
        return session.scalars(chosen).first() or 0


def buttons(page: str) -> set[str]:
    """What stands on the buttons of a page, and on the links that look like them, without icons and keys."""
    found = re.findall(r'<(button|a)\b[^>]*class="[^"]*btn[^"]*"[^>]*>(.*?)</\1>', page, re.DOTALL)
    texts = (re.sub(r"<kbd.*?</kbd>|<[^>]+>", "", inside, flags=re.DOTALL) for _, inside in found)
    return {unescape(" ".join(text.split())) for text in texts}


def taken(app: Application, goal: int, **known: str) -> str:
    """The page of a contact that Petukhov has taken, as he sees it."""
    reception = Visitor(app, "lebedeva")
    sent = {"channel": "phone", "goal_id": goal, "way": "transfer", **known}
    answer = reception.post("/reception", sent)
    assert answer.status_code == 303, answer.text
    with app.database.reading(system("test")) as session:
        number = session.scalars(select(InboundContact.id).order_by(InboundContact.id.desc())).first()
    manager = Visitor(app, "petukhov")
    assert manager.post(f"/contact/{number}/claim").status_code == 303
    return manager.get(f"/contact/{number}").text


def test_perevesti_s0_19(app: Application, dealership: Dealership, goal: int) -> None:
    chosen = dealership.people["petukhov"]
    form = Visitor(app, "lebedeva").get(f"/reception/form?channel=phone&goal_id={goal}&responsible_id={chosen}").text
    assert any(re.match(r"Перевести\b", text) for text in buttons(form))


@pytest.mark.parametrize(
    "caption",
    [
        pytest.param("Выполнить, закрыть", id="S1-49"),
        pytest.param("Выбрать контрагента", id="S1-52"),
        pytest.param("Перенаправить", id="S1-54"),
    ],
)
def test_a_contact_of_an_unknown_client(app: Application, goal: int, caption: str) -> None:
    assert caption in buttons(taken(app, goal, customer_id_text="Виктор", phone="+79031234567"))


def test_the_number_of_a_known_client_s1_53(app: Application, dealership: Dealership, goal: int) -> None:
    with dealership.session() as session:
        branch = session.scalars(select(Branch.id)).first()
        client = add_client(session, "Иванов", "Виктор", branch_id=branch).id
    page = taken(app, goal, customer_id=str(client), phone="+79035554433")
    assert "Записать номер телефона в карточку контрагента" in buttons(page)
