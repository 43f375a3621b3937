"""Messages to clients: sent once, to listed hosts alone, their state on the card (S1-78, SEC-37, SEC-53)."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import ClientMessage, InboundContact
from addons.contacts.services.intake import sending, telegram, whatsapp
from addons.contacts.services.intake.adapters import Letter, Outgoing
from addons.contacts.services.intake.outside import Answer, Doubtful, NotSent, Outside, is_public
from core.access.policy import system
from core.db.engine import WorkSession
from core.web.app import Application
from core.work import settings
from tests.contacts.hooks import Clock, said, set_secret, source, update
from tests.contacts.hooks import telegram as from_telegram
from tests.contacts.hooks import whatsapp as from_whatsapp
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

SENT: dict[str, Any] = {"ok": True, "result": {"message_id": 99}}
META = "the secret of the app at Meta"


@dataclass
class Post:
    """Another host that answers as it was told, the last answer again and again."""

    answers: list[Answer | Exception]
    came: list[Outgoing] = field(default_factory=list)

    def __call__(self, hosts: list[str]) -> Any:
        return self

    def post(self, outgoing: Outgoing) -> Answer:
        self.came.append(outgoing)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(dealership: Dealership, clock: Clock) -> Iterator[Application]:
    app = Application(dealership.config, clock=clock)
    yield app
    app.close()


@pytest.fixture
def contact(app: Application, dealership: Dealership) -> int:
    """A contact of a chat in Telegram, which «volkov» has taken."""
    address, secret = source(dealership, "contacts.telegram", "chat")
    set_secret(dealership, address, token="12:ab")
    from_telegram(app, address, secret, update(1, "Есть ли колодки?"))
    return taken(app, dealership)


def taken(app: Application, dealership: Dealership) -> int:
    with app.database.writing(system("test")) as session:
        found = session.scalars(select(InboundContact)).one()
        found.responsible_id, found.state = dealership.people["volkov"], "in_progress"
        return found.id


def send(app: Application, *answers: Answer | Exception) -> Post:
    """What the job does, with another host that answers so."""
    post = Post(list(answers) or [Answer(200, SENT)])
    with app.database.writing(system("test")) as session:
        sending.send_due(session, post)
    return post


def ours(app: Application) -> ClientMessage:
    with app.database.reading(system("test")) as session:
        return session.scalars(select(ClientMessage).where(ClientMessage.author_id.is_not(None))).one()


def write(app: Application, contact: int, text: str = "Есть, приезжайте", login: str = "volkov") -> int:
    return Visitor(app, login).post(f"/contact/{contact}/message", {"message": text}).status_code


def test_what_is_written_on_the_card_goes_out_and_its_state_is_shown_s1_78(app: Application, contact: int) -> None:
    assert write(app, contact) == 303
    page = Visitor(app, "volkov").get(f"/contact/{contact}").text
    assert "Есть, приезжайте" in page
    assert "Ждёт отправки" in page
    post = send(app)
    assert post.came == [
        Outgoing("https://api.telegram.org/bot12:ab/sendMessage", {"chat_id": "777", "text": "Есть, приезжайте"})
    ]
    message = ours(app)
    assert (message.state, message.external_id, message.attempts) == ("sent", "99", 1)
    assert "Отправлено" in Visitor(app, "volkov").get(f"/contact/{contact}").text
    assert send(app).came == []


def test_it_stands_in_the_feed_of_the_contact_s1_78(app: Application, contact: int) -> None:
    write(app, contact)
    page = Visitor(app, "volkov").get(f"/contact/{contact}").text
    assert "Есть, приезжайте" in page.partition("Лента событий")[2]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (NotSent("refused"), "waiting"),
        (Answer(429, {"description": "Too Many Requests"}), "waiting"),
        (Answer(502, None), "waiting"),
        (NotSent("not listed", for_good=True), "failed"),
        (Answer(403, {"description": "bot was blocked by the user"}), "failed"),
        (Answer(200, {"ok": False, "description": "chat not found"}), "failed"),
        (Doubtful("timeout"), "doubtful"),
    ],
)
def test_what_surely_failed_is_tried_again_and_the_rest_is_told(
    app: Application, contact: int, answer: Answer | Exception, state: str
) -> None:
    write(app, contact)
    send(app, answer)
    assert ours(app).state == state
    assert send(app).came == [], "not before its time"


def test_tries_end_and_a_person_may_begin_them_anew(app: Application, contact: int, clock: Clock) -> None:
    write(app, contact)
    for _ in range(10):
        send(app, Answer(500, None))
        clock.move(hours=1)
    message = ours(app)
    assert (message.state, message.attempts) == ("failed", 6)
    page = Visitor(app, "volkov").get(f"/contact/{contact}").text
    assert "Не отправлено" in page
    again = f"/contact/{contact}/message/{message.id}/again"
    assert Visitor(app, "petukhov").post(again).status_code in (403, 404)
    assert Visitor(app, "volkov").post(again).status_code == 303
    assert Visitor(app, "volkov").post(again).status_code == 409
    send(app)
    assert ours(app).state == "sent"


def test_what_was_on_its_way_when_a_process_ended_is_in_doubt(app: Application, contact: int, clock: Clock) -> None:
    write(app, contact)

    def lost(session: WorkSession) -> None:
        for each in session.scalars(select(ClientMessage).where(ClientMessage.state == "waiting")):
            each.state, each.due_at = "sending", session.now() + sending.LEASE

    with app.database.writing(system("test")) as session:
        lost(session)
    assert send(app).came == []
    assert ours(app).state == "sending"
    clock.move(minutes=3)
    assert send(app).came == []
    assert ours(app).state == "doubtful"


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_no_text_and_too_much_text_are_refused(app: Application, contact: int, text: str) -> None:
    assert write(app, contact, text) == 422


def test_only_whoever_may_work_on_the_contact_writes(app: Application, contact: int) -> None:
    assert write(app, contact, login="petukhov") in (403, 404)
    assert "Сообщение клиенту" not in Visitor(app, "admin").get("/desk").text


def test_a_client_without_a_chat_cannot_be_written_to(app: Application, dealership: Dealership, contact: int) -> None:
    with app.database.writing(system("test")) as session:
        for each in session.scalars(select(ClientMessage)):
            session.delete(each)
    assert write(app, contact) == 422


def test_whatsapp_tells_what_became_of_it(app: Application, dealership: Dealership) -> None:
    address, _ = source(dealership, "contacts.whatsapp", "chat", account="55")
    set_secret(dealership, address, secret=META, token="EAAB")
    from_whatsapp(app, address, META, said("wamid.1", "Сколько стоит ТО?"))
    contact = taken(app, dealership)
    write(app, contact)
    [came] = send(app, Answer(200, {"messages": [{"id": "wamid.9"}]})).came
    assert came.url == "https://graph.facebook.com/v21.0/55/messages"
    assert came.headers == {"Authorization": "Bearer EAAB"}
    assert came.body["to"] == "79031112233"
    for status, state in (("read", "read"), ("delivered", "read"), ("failed", "read")):
        news = {"statuses": [{"id": "wamid.9", "status": status, "timestamp": "1", "recipient_id": "79031112233"}]}
        assert from_whatsapp(app, address, META, news).status_code == 202
        assert ours(app).state == state


# --- the way out ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "192.168.1.1",
        "169.254.169.254",
        "172.16.5.5",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::",
    ],
)
def test_no_address_of_ours_is_ever_reached(address: str) -> None:
    assert not is_public(address)
    outside = Outside(["api.example"], resolve=lambda host, port: ["93.184.216.34", address])
    with pytest.raises(NotSent) as refused:
        outside.post(Outgoing("https://api.example/x", {}))
    assert refused.value.for_good


@pytest.mark.parametrize(
    "url",
    ["https://other.example/", "file:///etc/passwd", "gopher://api.example/", "https://api.example@evil.example/"],
)
def test_only_listed_hosts_are_reached(url: str) -> None:
    with pytest.raises(NotSent) as refused:
        Outside(["api.example"]).post(Outgoing(url, {}))
    assert refused.value.for_good


def test_nothing_is_listed_at_first(app: Application, contact: int) -> None:
    write(app, contact)
    with app.database.writing(system("test")) as session:
        sending.send_due(session)
        assert settings.read(session, sending.HOSTS) == []
    assert ours(app).state == "failed"
    reader, card = Visitor(app, "volkov"), f"/contact/{contact}"
    assert "администратор" in reader.get(card).text
    reader.post("/profile/look", {"language": "en"})
    assert "an administrator lists them" in reader.get(card).text


class _Host(http.server.BaseHTTPRequestHandler):
    """Tells back what came, or leads elsewhere, or says nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/")
            self.end_headers()
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 3_000_000)
        elif self.path != "/silent":
            answer = json.dumps({"got": json.loads(body), "who": self.headers["Authorization"]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def host() -> Iterator[int]:
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Host)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served.server_address[1]
    served.shutdown()
    served.server_close()
    thread.join()


def test_a_request_goes_to_the_very_address_that_was_checked(host: int) -> None:
    asked: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    outside = Outside(["api.example"], resolve=resolve, may_reach=lambda address: address == "127.0.0.1")
    base = f"http://api.example:{host}"
    answer = outside.post(Outgoing(f"{base}/x", {"text": "Привет"}, {"Authorization": "Bearer t"}))
    assert answer == Answer(200, {"got": {"text": "Привет"}, "who": "Bearer t"})
    assert asked == ["api.example"]
    assert outside.post(Outgoing(f"{base}/away", {})).status == 302
    assert outside.post(Outgoing(f"{base}/large", {})).body is None
    with pytest.raises(Doubtful):
        outside.post(Outgoing(f"{base}/silent", {}))


def test_where_nobody_listens_nothing_was_sent(host: int) -> None:
    with pytest.raises(NotSent) as refused:
        Outside(["api.example"], resolve=lambda name, port: []).post(Outgoing("https://api.example/", {}))
    assert refused.value.for_good


def test_letters_are_written_as_each_messenger_wants_them() -> None:
    letter = Letter("777", "Да", "12:ab", "5/../5")
    assert telegram.send(letter).body == {"chat_id": "777", "text": "Да"}
    assert whatsapp.send(letter).url == "https://graph.facebook.com/v21.0/5%2F..%2F5/messages"
    assert timedelta(0) < sending.LEASE
