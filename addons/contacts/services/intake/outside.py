"""The only way to another host: to those that the administrator has listed, and never into our own network (SEC-37)."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from addons.contacts.services.intake.adapters import Outgoing
from core import T

PATIENCE = 5.0
MOST_BYTES = 1024 * 1024

NOT_LISTED = T("The host is not among those that may be written to; an administrator lists them in the settings.")
INSIDE = T("The host lies within our own network.")


class NotSent(Exception):
    """The request did not go out; ``for_good`` when it never will."""

    def __init__(self, problem: str, *, for_good: bool = False) -> None:
        super().__init__(problem)
        self.for_good = for_good


class Doubtful(Exception):
    """The request went out, and nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What another host has answered; the body as JSON, nothing where it is none."""

    status: int
    body: Any


Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address belongs to the world: none of ours, of this machine, or of the link."""
    found = ipaddress.ip_address(address.partition("%")[0])
    plain = getattr(found, "ipv4_mapped", None) or found
    return plain.is_global and not plain.is_multicast


@dataclass(frozen=True, slots=True)
class Outside:
    """Sends requests to other hosts, once each: no redirects, no second try.

    :param hosts: the hosts that may be written to.
    :param resolve: finds the addresses of a host; they are asked for once, and the checked one is the one that is used.
    :param may_reach: whether an address may be written to.
    """

    hosts: Collection[str]
    resolve: Resolve = resolve
    may_reach: Callable[[str], bool] = is_public
    patience: float = PATIENCE

    def post(self, outgoing: Outgoing) -> Answer:
        """Send a request.

        :raises NotSent: when it did not go out; :raises Doubtful: when it perhaps did.
        """
        parts = urlsplit(outgoing.url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or host not in self.hosts:
            raise NotSent(NOT_LISTED, for_good=True)
        connection = self._connect(host, parts.port or (443 if parts.scheme == "https" else 80), parts.scheme)
        try:
            return self._ask(connection, parts.path or "/", outgoing)
        finally:
            connection.close()

    def _connect(self, host: str, port: int, scheme: str) -> http.client.HTTPConnection:
        try:
            addresses = self.resolve(host, port)
        except OSError as error:
            raise NotSent(f"{host}: {error.strerror or error}") from error
        if not addresses or not all(self.may_reach(each) for each in addresses):
            raise NotSent(INSIDE, for_good=True)
        connection = http.client.HTTPConnection(host, port, timeout=self.patience)
        try:
            plain = socket.create_connection((addresses[0], port), timeout=self.patience)
            connection.sock = plain
            if scheme == "https":
                connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError as error:
            connection.close()
            raise NotSent(f"{host}: {error.strerror or error}") from error
        return connection

    def _ask(self, connection: http.client.HTTPConnection, path: str, outgoing: Outgoing) -> Answer:
        body = json.dumps(dict(outgoing.body), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json", **outgoing.headers}
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise Doubtful(f"{type(error).__name__}") from error
        return Answer(answer.status, _as_json(data))


def _as_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
