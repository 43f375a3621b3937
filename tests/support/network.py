"""Keeps the tests on this machine: whoever reaches for another one is refused and named."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.bind": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}
_NAMES = ("", "localhost", "ip6-localhost")


class NetworkRefused(Exception):
    """A test that wanted to talk to another machine."""


def guard() -> None:
    """Refuse every socket of this process that leads off the machine. It cannot be taken back."""
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    place = _EVENTS.get(event)
    if place is None:
        return
    target = arguments[place]
    # A tuple is host and port; a bare text is a Unix socket, or the host that is looked up.
    host = target[0] if isinstance(target, tuple) and target else target
    if isinstance(target, str | bytes) and place == 1:
        return
    if not is_here(host):
        raise NetworkRefused(f"{event} to {host!r}: tests stay on this machine")


def is_here(host: object) -> bool:
    """Whether a host is this machine by its loopback interface."""
    if host is None or isinstance(host, int):
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in _NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
