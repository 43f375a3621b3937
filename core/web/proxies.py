"""Requests that come through a proxy: who asks really, and by which address (SEC-28).

Werkzeug's ``ProxyFix`` counts proxies and believes whoever connects. Here it matters who connects: only a
peer of the list is believed, and of what it passes on only what it or another proxy of the list has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.http import parse_list_header

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_WITH_PORT = re.compile(r"^(?:\[([0-9a-fA-F:.%]+)\]|([0-9.]+))(?::\d{1,5})?$")
_HOST = re.compile(r"^(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$")


class TrustedProxies:
    """The proxies whose forwarding headers are believed.

    :param trusted: addresses and networks, as the setting ``trusted_proxies`` has them.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks: tuple[Network, ...] = tuple(ip_network(each) for each in trusted)

    def apply(self, environ: WSGIEnvironment) -> None:
        """Put the client's address and the address he asked for where views read them."""
        if not self._networks or not self._believed(_address(environ.get("REMOTE_ADDR", ""))):
            return
        client = self._client(parse_list_header(environ.get("HTTP_X_FORWARDED_FOR", "")))
        if client:
            environ["REMOTE_ADDR"] = client
        scheme = _nearest(environ, "HTTP_X_FORWARDED_PROTO").lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        host = _nearest(environ, "HTTP_X_FORWARDED_HOST")
        if _HOST.match(host):
            environ["HTTP_HOST"] = host

    def _client(self, passed: list[str]) -> str:
        """The right-most address no proxy of the list has; what stands left of it anybody may have made up."""
        client = ""
        for text in reversed(passed):
            address = _address(text)
            if address is None:
                break
            client = str(address)
            if not self._believed(address):
                break
        return client

    def _believed(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _nearest(environ: WSGIEnvironment, header: str) -> str:
    """The value the proxy next to us has written."""
    values = parse_list_header(environ.get(header, ""))
    return values[-1].strip() if values else ""


def _address(text: str) -> Address | None:
    """An address as servers and proxies write it: bare, or with a port; one of IPv4 within IPv6 as the former."""
    text = text.strip()
    found = _WITH_PORT.match(text)
    try:
        address = ip_address(found[1] or found[2] if found else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
