"""The steps of contacts and worksheets by program: the same services, the same refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.web.api.operations import Operation
from tests.api.conftest import Programs
from tests.api.program import Program
from tests.support.visitors import Visitor

pytestmark = pytest.mark.addons("contacts", "sales")
TRAFFIC, WORKSHEETS = "/contacts/traffic", "/sales/worksheets"


def test_of_two_claims_one_wins(program: Programs) -> None:
    """S0-29, SEC-48: the other is told who it was."""
    contact = program("lebedeva").register()
    people = {login: program(login) for login in ("petukhov", "sokolova")}
    names = {"petukhov": "Петухов В.", "sokolova": "Соколова А."}

    def claim(login: str) -> tuple[int, str]:
        answer = people[login].post(f"{TRAFFIC}/{contact['id']}/claim")
        return answer.status_code, answer.json.get("detail", "")

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(people, pool.map(claim, people), strict=True))
    [winner] = [login for login, (status, _) in answers.items() if status == 200]
    [(loser, words)] = [(login, text) for login, (status, text) in answers.items() if status == 409]
    assert names[winner] in words
    shown = people[loser].get(f"{TRAFFIC}/{contact['id']}").json
    assert (shown["responsible_id"], shown["state"]) == (people[winner].user_id, "in_progress")


def test_a_contact_goes_its_way(program: Programs) -> None:
    """Registered, passed on, queued, reminded of, noted, made into a worksheet."""
    reception, manager = program("lebedeva"), program("petukhov")
    contact = reception.register(phone="8 916 123-45-67", channel="visit", goal_id=visit_to_the_showroom(reception))
    path = f"{TRAFFIC}/{contact['id']}"
    assert contact["phone"] == "+79161234567"
    passed = reception.post(f"{path}/transfer", {"responsible_id": manager.user_id})
    assert (passed.json["state"], passed.json["responsible_id"]) == ("assigned", manager.user_id)
    assert reception.post(f"{path}/queue").json["state"] == "waiting"
    assert reception.post(f"{path}/remind").status_code == 200
    assert manager.post(f"{path}/note", {"text": "@sokolova посмотри"}).status_code == 200
    client = manager.post("/contacts/clients", {"last_name": "Тарасов"}).json["id"]
    assert manager.post(f"{path}/identify", {"customer_id": client}).json["customer_id"] == client
    made = manager.post(f"{path}/document", {"type": "sales.worksheet"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/contacts/documents/{made.json['id']}"
    done = manager.get(path).json
    assert (done["state"], done["document"]) == ("processed", made.json["number"])


def visit_to_the_showroom(program: Program) -> int:
    showroom = program.get("/contacts/goals/1").json["department_id"]
    goals = program.get(f"/contacts/goals?channel=visit&department={showroom}&limit=1").json["items"]
    return int(goals[0]["id"])


def test_who_calls_is_not_put_into_the_queue(program: Programs) -> None:
    """C-07: the API gives the same answer as the pages."""
    reception = program("lebedeva")
    contact = reception.register()
    assert reception.post(f"{TRAFFIC}/{contact['id']}/queue").status_code == 403
    call = {"channel": "phone", "goal_id": 1, "client_text": "Виктор", "way": "queue"}
    refused = reception.post(TRAFFIC, call)
    assert (refused.status_code, refused.json["errors"].keys()) == (422, {"way"})


def test_a_contact_ends_without_a_document(program: Programs) -> None:
    reception, manager = program("lebedeva"), program("petukhov")
    first, second, third = (reception.register(responsible_id=manager.user_id)["id"] for _ in range(3))
    reason = manager.get("/contacts/ignore_reasons?limit=1").json["items"][0]["id"]
    ignored = manager.post(f"{TRAFFIC}/{first}/ignore", {"reason_id": reason, "comment": "ошиблись номером"})
    assert ignored.json["state"] == "ignored"
    finished = manager.post(f"{TRAFFIC}/{second}/finish", {"result": "Перезвонит"})
    assert finished.json["state"] == "processed"
    again = manager.post(f"{TRAFFIC}/{second}/finish", {"result": "Перезвонит"})
    assert again.status_code == 409
    client = manager.post("/contacts/clients", {"last_name": "Тарасов"}).json["id"]
    sheet = manager.post(WORKSHEETS, {"customer_id": client, "interest": "Chery"}).json["id"]
    attached = manager.post(f"{TRAFFIC}/{third}/attach", {"document_id": sheet})
    assert attached.json["id"] == sheet
    assert manager.get(f"{TRAFFIC}/{third}").json["client"] == "Тарасов"


def test_what_has_ended_wrongly_is_taken_up_again(program: Programs) -> None:
    """Reopened and detached as on the card, by whoever may do it there."""
    reception, manager = program("lebedeva"), program("petukhov")
    paths = [f"{TRAFFIC}/{reception.register(responsible_id=manager.user_id)['id']}" for _ in range(3)]
    ignored, finished, attached = paths
    reason = manager.get("/contacts/ignore_reasons?limit=1").json["items"][0]["id"]
    client = manager.post("/contacts/clients", {"last_name": "Тарасов"}).json["id"]
    sheet = manager.post(WORKSHEETS, {"customer_id": client, "interest": "Chery"}).json["id"]
    manager.post(f"{ignored}/ignore", {"reason_id": reason, "comment": "ошиблись номером"})
    manager.post(f"{finished}/finish", {"result": "Перезвонит"})
    manager.post(f"{attached}/attach", {"document_id": sheet})
    for path, step, other in (
        (ignored, "reopen", "detach"),
        (finished, "reopen", "detach"),
        (attached, "detach", "reopen"),
    ):
        assert reception.post(f"{path}/{step}").status_code == 403
        assert manager.post(f"{path}/{other}").status_code == 409
        assert manager.post(f"{path}/{step}").json["state"] == "in_progress"
        assert manager.post(f"{path}/{step}").status_code == 409
        assert manager.get(path).json["document"] is None


def test_a_contact_is_passed_on_for_another_goal_with_a_remark(program: Programs) -> None:
    """To the workshop, as from the card; the remark is a note there."""
    reception, manager, workshop = program("lebedeva"), program("petukhov"), program("volkov")
    path = f"{TRAFFIC}/{reception.register(responsible_id=manager.user_id)['id']}"
    goals = manager.get("/contacts/goals?channel=phone&limit=100").json["items"]
    here = next(goal["department_id"] for goal in goals if goal["id"] == 1)
    repair = next(goal for goal in goals if goal["category"] == "repair")
    sent = {"responsible_id": workshop.user_id, "goal_id": repair["id"], "remark": "Стучит справа"}
    assert manager.post(f"{path}/transfer", {**sent, "goal_id": 999999}).json["errors"].keys() == {"goal_id"}
    assert manager.post(f"{path}/transfer", {**sent, "remark": "я" * 301}).json["errors"].keys() == {"remark"}
    passed = manager.post(f"{path}/transfer", sent).json
    assert (passed["responsible_id"], passed["goal_id"]) == (workshop.user_id, repair["id"])
    assert passed["department_id"] != here
    visitor = Visitor(manager.app, "volkov")
    assert "Стучит справа" in visitor.get(f"/contact/{passed['id']}").text


def test_refusals_are_those_of_the_page(program: Programs) -> None:
    """SEC-3, SEC-6: 403, 404, 409 and 422 as there."""
    reception, manager, workshop = program("lebedeva"), program("petukhov"), program("volkov")
    path = f"{TRAFFIC}/{reception.register(responsible_id=manager.user_id)['id']}"
    assert reception.post(f"{path}/claim").status_code == 403
    assert workshop.post(f"{path}/claim").status_code == 404
    assert program("sokolova").post(f"{path}/claim").status_code == 409
    assert program("sokolova").post(f"{path}/finish", {"result": "x"}).status_code == 403
    assert reception.post(f"{path}/transfer", {"responsible_id": workshop.user_id}).status_code == 422
    assert manager.post(f"{path}/ignore", {"reason_id": 999999}).json["errors"].keys() == {"reason_id"}
    assert manager.post(f"{path}/document", {"type": "sales.nothing"}).status_code == 404
    assert manager.post(f"{path}/claim", {"responsible_id": 5}).json["errors"].keys() == {"responsible_id"}
    assert manager.post(f"{path}/finish", {"result": 5, "x": 1}).json["errors"].keys() == {"result", "x"}


def test_registering_checks_everything(program: Programs) -> None:
    """S0-11: each mistake at its field, nothing saved."""
    reception = program("lebedeva")
    assert reception.post(TRAFFIC, {}).json["errors"].keys() == {"channel", "goal_id"}
    wrong = {"channel": "phone", "goal_id": 1, "client_text": "В", "mileage": -5, "way": "fly", "source_data": {}}
    assert reception.post(TRAFFIC, wrong).json["errors"].keys() == {"mileage", "way", "source_data"}
    nobody = {"channel": "phone", "goal_id": 1, "client_text": "В", "lead_source_id": 999999}
    assert reception.post(TRAFFIC, nobody).status_code == 422
    for name, value in {"vehicle_id": 999999, "email": "нет", "reason_ids": [999999], "way": "inform"}.items():
        refused = reception.post(TRAFFIC, {"channel": "phone", "goal_id": 1, "client_text": "В", name: value})
        assert (refused.status_code, list(refused.json["errors"])) == (422, [name])
    assert reception.get(TRAFFIC).json["items"] == []


def test_a_step_with_a_key_happens_once(program: Programs) -> None:
    """SEC-48: a repeated registration shows the first contact, a repeated step its result."""
    reception, manager = program("lebedeva"), program("petukhov")
    body = {"channel": "phone", "goal_id": 1, "client_text": "Виктор", "responsible_id": manager.user_id}
    first = reception.post(TRAFFIC, body, Idempotency_Key="call-1")
    second = reception.post(TRAFFIC, body, Idempotency_Key="call-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    path = f"{TRAFFIC}/{first.json['id']}/finish"
    done = [manager.post(path, {"result": "ждём"}, Idempotency_Key="end").status_code for _ in range(2)]
    assert done == [200, 200]
    assert manager.post(path, {"result": "ждём"}, Idempotency_Key="other").status_code == 409


def test_a_worksheet_moves_and_is_lost(program: Programs) -> None:
    manager = program("petukhov")
    path = _worksheet(manager)
    assert manager.post(f"{path}/move", {"stage": "test_drive"}).json["stage"] == "test_drive"
    assert manager.post(f"{path}/move", {"stage": "nowhere"}).json["errors"].keys() == {"stage"}
    assert manager.post(f"{path}/lose", {"lost_reason_id": 999999}).json["errors"].keys() == {"lost_reason_id"}
    reason = manager.get("/sales/lost_reasons?limit=1").json["items"][0]["id"]
    assert manager.post(f"{path}/lose", {"lost_reason_id": reason}).json["lost_reason_id"] == reason
    assert manager.post(f"{path}/move", {"stage": "contract"}).status_code == 409


def _worksheet(manager: Program) -> str:
    client = manager.post("/contacts/clients", {"last_name": "Тарасов"}).json["id"]
    sheet = manager.post(WORKSHEETS, {"customer_id": client, "interest": "Chery"}).json["id"]
    return f"{WORKSHEETS}/{sheet}"


def test_wrong_declarations_are_named() -> None:
    def run(session: object) -> None:
        """Takes neither an id nor a body."""

    wrong = Operation(
        name="Do it",
        title="Do it",
        path="things",
        right="",
        method="GET",
        run=run,
        show=run,  # type: ignore[arg-type]
        gives=int,  # type: ignore[arg-type]
        creates="x.things",
    )
    assert len(list(wrong.problems())) == 4
    record = Operation(name="do", title="Do", path="/things/{id}/do", right="", run=run, show=run, gives=int)  # type: ignore[arg-type]
    assert list(record.problems()) == ["run does not take 2 arguments"]
