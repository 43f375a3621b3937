"""The telephones of a test are put away also when they could not be set up; no exchange is needed for that."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addons.telephony.services.link.wire import LinkError
from tests.pbx import telephone
from tests.pbx.by_hand import hands
from tests.pbx.server import Pbx
from tests.telephony.manager import Manager

NO_RELEASE: Any = None


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Pbx]:
    """An exchange that lets programs in and hears no telephone."""
    with Manager() as manager, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
        sip.bind(("127.0.0.1", 0))
        yield Pbx(NO_RELEASE, tmp_path, manager.port, sip.getsockname()[1])


def is_put_away(exchange: Pbx) -> bool:
    """Whether no thread of telephones is left, and the fixed port of the trunk is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trunk:
        trunk.bind(("127.0.0.2", exchange.sip_port))
    return "telephones" not in {each.name for each in threading.enumerate()}


def test_a_telephone_that_cannot_register_leaves_nothing_behind(deaf: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telephone, "PATIENCE", 0.01)
    with pytest.raises(TimeoutError), hands(deaf, 30) as taken:
        taken.phone(2)
    assert is_put_away(deaf)


def test_an_exchange_that_is_not_there_leaves_nothing_behind(deaf: Pbx) -> None:
    with Manager() as gone:
        port = gone.port
    nowhere = Pbx(NO_RELEASE, deaf.folder, port, deaf.sip_port)
    with pytest.raises(LinkError), hands(nowhere, 30):
        pass
    assert is_put_away(nowhere)
