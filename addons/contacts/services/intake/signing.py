"""The secrets of sources, and the signatures made with them: the scheme of Standard Webhooks (SEC-39, SEC-40)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from addons.contacts.services.intake.adapters import Hook, Secrets, Unsigned
from core import Forbidden, T

PREFIX = "whsec_"
SECRET_BYTES = 32
WINDOW = timedelta(seconds=300)
"""How far the time of a signed request may be from ours."""

_ID = re.compile(r"[\x21-\x7e]{1,200}")
NOT_SIGNED = T("The signature is missing or wrong.")
TOO_LATE = T("The time of this request is too far from ours, or is none: send it in seconds since 1970.")
NO_ID = T("The header webhook-id is to have 1 to 200 visible ASCII characters.")
WRONG_PLACE = T("This source does not send from this address.")


def new_secret() -> str:
    """A secret as it is shown to whoever sets up a source."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that are signed with: those that a secret of ours stands for, else the text itself."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()


def signature(secret: str, key: str, timestamp: str, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 over id, time and body, as the header ``webhook-signature`` holds it."""
    signed = b".".join((key.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()


def verify(hook: Hook, known: Secrets) -> None:
    """Whether a request is signed with one of the source's secrets, within the window.

    :raises Unsigned: otherwise.
    """
    key, timestamp = hook.headers.get("webhook-id", ""), hook.headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(key):
        raise Unsigned(NO_ID)
    if not _in_window(timestamp, hook.at):
        raise Unsigned(TOO_LATE)
    given = hook.headers.get("webhook-signature", "").split(" ")[:10]
    right = [signature(secret, key, timestamp, hook.body) for secret in known.shared]
    if not _any_same(given, right):
        raise Unsigned(NOT_SIGNED)


def _in_window(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now.timestamp()) <= WINDOW.total_seconds()


def _any_same(given: Iterable[str], right: Iterable[str]) -> bool:
    """Every pair is compared, so the time tells nothing."""
    return sum(same(one, other) for one in given for other in right) > 0


def same(given: str, right: str) -> bool:
    """Whether two secrets are one, in constant time; an empty one is nobody's."""
    return bool(right) and hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def knows_secret(given: str, known: Secrets) -> None:
    """Whether what was sent is itself one of the source's secrets.

    :raises Unsigned: otherwise.
    """
    if not _any_same([given], known.shared):
        raise Unsigned(NOT_SIGNED)


def signed_hex(hook: Hook, header: str, known: Secrets) -> None:
    """Whether a header holds ``sha256=`` and the HMAC-SHA256 of the body with one of the source's secrets.

    :raises Unsigned: otherwise.
    """
    right = [f"sha256={hmac.new(key_of(secret), hook.body, hashlib.sha256).hexdigest()}" for secret in known.shared]
    if not _any_same([hook.headers.get(header, "")], right):
        raise Unsigned(NOT_SIGNED)


def from_network(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of the networks; what is none is in no network."""
    try:
        found = ipaddress.ip_address(address)
        ours = [ipaddress.ip_network(each, strict=False) for each in networks]
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in ours if network.version == plain.version)


def comes_from(hook: Hook, known: Secrets) -> None:
    """Whether an unsigned request comes from where this source sends (SEC-42).

    :raises Forbidden: otherwise.
    """
    if not from_network(hook.address, known.networks):
        raise Forbidden(WRONG_PLACE)
