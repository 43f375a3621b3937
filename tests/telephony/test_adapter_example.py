"""The example of docs/adapters.md: what a switchboard says becomes calls of the instance (S2-06)."""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
from pathlib import Path
from types import ModuleType

from addons.telephony.models import Call, Pbx
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.desk import Desk
from tests.support.dealership import Dealership
from tests.telephony.test_links_kept import link_of, on_duty, stored

EXAMPLE = Path(__file__).parents[2] / "docs/examples/switchboard.py"


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("switchboard", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(at: float) -> bytes:
    """A call that is answered after five seconds and lasts twenty, and one that nobody takes."""
    rings = {"what": "rings", "from": "+79161234567", "to": "74955550103", "phone": "102"}
    said = [
        {"call": "7", "at": at, **rings},
        {"call": "8", "at": at + 1, **rings},
        {"call": "7", "at": at + 5, "what": "answers"},
        {"call": "8", "at": at + 9, "what": "ends"},
        {"call": "7", "at": at + 25, "what": "ends"},
    ]
    return b"".join(json.dumps(each).encode() + b"\n" for each in said)


def test_the_example_of_an_adapter_works(dealership: Dealership) -> None:
    with dealership.session() as session:
        pbx = Pbx(name="gates", host="127.0.0.1", adapter="gates.switchboard")
        session.add(pbx)
        session.flush()
        number, at = pbx.id, session.now().timestamp() - 60
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            client, _ = listener.accept()
            client.settimeout(10)
            with client:
                client.sendall(b"no line of JSON\n" + lines(at))
                client.recv(1)  # until the link ends

        served = threading.Thread(target=serve, daemon=True)
        served.start()
        exchange = Exchange(number, "gates", "127.0.0.1", listener.getsockname()[1], "", "", Endpoints())
        with on_duty(dealership, lambda: len(stored(dealership)) == 2) as duty:
            example().follow(exchange, Desk(duty, number, duty.goes_on))
        served.join(10)
    calls = sorted(stored(dealership), key=lambda call: call.linkedid)
    assert [told(call) for call in calls] == [("answered", 5_000, 20_000), ("missed", 8_000, 0)]
    assert link_of(dealership) is not None


def told(call: Call) -> tuple[str, int | None, int]:
    return call.disposition, call.wait_ms, call.talk_ms
