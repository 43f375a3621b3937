"""Keys, secrets at rest, and the tokens that prove a form is ours (SEC-23, SEC-66).

Everything hangs on the instance's one secret, which lies outside the database. Each purpose gets
its own key derived from it, so that nothing made for one purpose is good for another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_FORMAT = "v1"
TOKEN_BYTES = 32


class UnreadableSecret(Exception):
    """A sealed secret that no key at hand opens: the key is lost, or the value was moved or changed."""


def derive_key(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose, from the instance's secret (HKDF, SHA-256).

    RFC 5869 for one block of output: the first HMAC extracts, the second expands.
    """
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, f"forecourt/{purpose}".encode() + b"\x01", "sha256")


def new_token() -> str:
    """32 random bytes as text, for a cookie or a program's key (SEC-19)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What the database keeps of a token. It is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class SecretBox:
    """Seals secrets for the database with AES-256-GCM.

    A sealed value is bound to its ``context`` (whose it is): copied to another row it does not open.
    To rotate: make the new secret the first, keep the old ones as ``previous`` until every value
    for which :meth:`outdated` is true has been sealed again.
    """

    def __init__(self, secret: str, *previous: str) -> None:
        self._keys = [derive_key(each, "secrets at rest") for each in (secret, *previous)]
        self._current = _key_id(self._keys[0])

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        # Imported for the first secret: the library is 7 MB, and many workers never see one.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return {_key_id(key): AESGCM(key) for key in self._keys}

    def seal(self, text: str, context: str) -> str:
        """The text, encrypted and authenticated, as ``v1.<key>.<base64>``."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), context.encode())
        return f"{_FORMAT}.{self._current}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """The text again.

        :raises UnreadableSecret: when the key is unknown or the value is not what was sealed here.
        """
        from cryptography.exceptions import InvalidTag

        try:
            form, key_id, body = sealed.split(".")
            data = urlsafe_b64decode(body)
            if form != _FORMAT:
                raise UnreadableSecret(f"unknown form {form!r}")
            return self._ciphers[key_id].decrypt(data[:_NONCE], data[_NONCE:], context.encode()).decode()
        except (ValueError, KeyError, InvalidTag) as error:
            raise UnreadableSecret(context) from error

    def outdated(self, sealed: str) -> bool:
        """Whether the value was sealed with an earlier key and should be sealed again."""
        return sealed.split(".")[1:2] != [self._current]


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]


def csrf_token(secret: str, owner: str) -> str:
    """The hidden field of a form, bound to the browser's session; different in every page (SEC-23).

    :param secret: the instance's secret.
    :param owner: whose form it is: ``Identity.csrf_owner``, or the visitor's cookie before sign-in.
    """
    mask = secrets.token_hex(8)
    return f"{mask}.{_csrf_mac(secret, owner, mask)}"


def csrf_matches(secret: str, owner: str, given: str) -> bool:
    """Whether a submitted token was made for this owner; compared in constant time. Nobody's never is."""
    mask, _, mac = given.partition(".")
    expected = _csrf_mac(secret, owner, mask)
    return bool(owner) and hmac.compare_digest(expected.encode(), mac.encode("utf-8", "surrogatepass"))


def _csrf_mac(secret: str, owner: str, mask: str) -> str:
    # The purpose in front keeps these apart from anything else signed with the same secret.
    message = f"csrf\n{mask}\n{owner}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
