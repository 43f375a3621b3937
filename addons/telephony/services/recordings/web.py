"""Recordings that the exchange, or a server beside it, gives over HTTP: from that host alone (SEC-37)."""

from __future__ import annotations

import base64
import socket
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, quote

from addons.telephony.services.recordings.paths import BLOCK, Missing, OutOfReach, checked_size, steps

PATIENCE = 5.0
"""Seconds that the other side may be silent."""
LONGEST = 15 * 60.0
"""Seconds that one answer may take: who stops listening asks again for the rest."""
_NONE = (404, 410)
_WHOLE, _PART = 200, 206


class Web:
    """An address below which recordings lie. Answers that lead elsewhere are not followed."""

    def __init__(self, address: SplitResult, account: str = "", secret: str = "") -> None:
        self._address = address
        self._headers = {"Accept-Encoding": "identity"}
        if account:
            sealed = base64.b64encode(f"{account}:{secret}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {sealed}"

    def open(self, path: str) -> WebSource:
        """Ask how large a recording is; see ``Place``."""
        target = "/".join([self._address.path.rstrip("/"), *(quote(each, safe="") for each in steps(path))])
        return WebSource(self._connection(), target, self._headers)

    def remove(self, path: str) -> None:
        """It is not ours to delete: whoever keeps the server does that."""

    def _connection(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        secure = self._address.scheme == "https"
        found = (
            HTTPSConnection(host, port, timeout=PATIENCE) if secure else HTTPConnection(host, port, timeout=PATIENCE)
        )
        found._create_connection = _connect  # type: ignore[attr-defined]
        return found


def _connect(address: tuple[str, int], timeout: float, source: object = None) -> socket.socket:
    """A connection to the host, whose name is looked up once; not to where no exchange can be.

    :raises OSError: when nobody answers, or the name leads to an address of a machine's own service, or to many machines.
    """
    del source
    host, port = address
    trouble = OSError(f"{host} leads nowhere that recordings are read from")
    for family, kind, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not may_be_asked(str(place[0])):
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(place)
        except OSError as error:
            connection.close()
            trouble = error
        else:
            return connection
    raise trouble


def may_be_asked(numbers: str) -> bool:
    """Whether an exchange can be at this address: not where machines keep services of their own, nor at many at once."""
    found = ip_address(numbers.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)


class WebSource:
    """A recording that was found there."""

    def __init__(self, connection: HTTPConnection, target: str, headers: dict[str, str]) -> None:
        self._connection, self._target, self._headers = connection, target, headers
        try:
            # Any server knows GET, not each knows HEAD, and the first byte costs as much.
            answer = self._ask("bytes=0-0")
            self.size = checked_size(_whole_size(answer))
            if answer.status == _PART:
                answer.read(BLOCK)
            else:
                connection.close()
        except BaseException:
            connection.close()
            raise

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """These bytes; see ``Source``.

        :raises OutOfReach: when the other side breaks off, is silent for too long, or gives less than it said.
        """
        try:
            answer = self._ask(f"bytes={first}-{last}")
            before = 0 if answer.status == _PART else first
            yield from _exactly(answer, before, last - first + 1)
        except (OSError, HTTPException) as error:
            raise OutOfReach(str(error)) from error
        finally:
            self.close()

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def _ask(self, span: str) -> HTTPResponse:
        """
        :raises Missing: when there is none.
        :raises OutOfReach: for any other answer, and for none.
        """
        try:
            self._connection.request("GET", self._target, headers={**self._headers, "Range": span})
            answer = self._connection.getresponse()
        except (OSError, HTTPException, ssl.SSLError, UnicodeError) as error:
            raise OutOfReach(str(error)) from error
        if answer.status in _NONE:
            raise Missing(self._target)
        if answer.status not in (_WHOLE, _PART):
            raise OutOfReach(f"{answer.status} {answer.reason}")
        return answer


def _whole_size(answer: HTTPResponse) -> int:
    """How large the whole of it is, by what an answer says.

    :raises OutOfReach: when it does not say.
    """
    told = answer.getheader("Content-Range", "").rpartition("/")[2] if answer.status == _PART else ""
    told = told or answer.getheader("Content-Length", "")
    if not (told.isascii() and told.isdecimal() and len(told) < 20):
        raise OutOfReach("it does not say how large it is")
    return int(told)


def _exactly(answer: HTTPResponse, before: int, wanted: int) -> Iterator[bytes]:
    """So many bytes of an answer, after those before them."""
    until = time.monotonic() + LONGEST
    while wanted:
        block = answer.read(min(BLOCK, before or wanted))
        if not block or time.monotonic() > until:
            raise OutOfReach("it broke off")
        if before:
            before -= len(block)
            continue
        wanted -= len(block)
        yield block
