"""Passwords: how they are kept, and which ones are too easy to guess (SEC-13, SEC-14)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION, Type

from core.access.guessing import guessed_soon
from core.access.obvious import obvious, readings
from core.errors import Invalid
from core.text.msgids import T

SHORTEST = 8
LONGEST = 1024
LEAST_MEMORY = 19 * 1024
"""KiB."""
LEAST_TIME = 2
SHORTEST_NAME = 4
"""A shorter name (Ли, Kia) is in too many words to be refused inside a password."""

_CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Hashes and checks passwords with Argon2id, at most two at a time.

    A hash takes some 20 MiB and 30 ms by design; more at once would let a flood of sign-ins take
    the machine. One object per process, made with the application.

    :param names: the dealership's names, which no password may contain.
    :param refused: passwords that are refused besides the obvious ones, from a list of the instance's own.
    :raises ValueError: for parameters below the minimum of SEC-13.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        refused: Iterable[str] = (),
        *,
        memory: int = LEAST_MEMORY,
        time: int = LEAST_TIME,
        at_once: int = 2,
    ) -> None:
        if memory < LEAST_MEMORY or time < LEAST_TIME:
            raise ValueError(f"Argon2id needs at least {LEAST_MEMORY} KiB and {LEAST_TIME} passes")
        self._hasher = PasswordHasher(time_cost=time, memory_cost=memory, parallelism=1, type=Type.ID)
        self._gate = Semaphore(at_once)
        self._names = tuple(names)
        self._refused = frozenset(password.casefold() for password in refused)
        # A name nobody has costs the same time as a wrong password (SEC-16).
        self._dummy = _hash_of_nothing(self._hasher)

    def hash(self, password: str) -> str:
        """What the database keeps of a password: parameters, salt and hash in one text."""
        with self._gate:
            return self._hasher.hash(_bytes(password))

    def verify(self, hashed: str, password: str) -> bool:
        """Whether this is the password; with an empty hash it takes as long and is always wrong."""
        if len(password) > LONGEST:
            return False
        with self._gate:
            try:
                self._hasher.verify(hashed or self._dummy, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(hashed)

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with weaker parameters and should be made again."""
        return self._hasher.check_needs_rehash(hashed)

    def check_new(self, password: str, own_names: Iterable[str] = ()) -> None:
        """Raise ``Invalid`` when nobody should use this password.

        :param own_names: the person's login, name and address; no password may contain them.
        """
        problem = self._problem(password, [*self._names, *own_names])
        if problem:
            raise Invalid({"password": [problem]})

    def _problem(self, password: str, names: list[str]) -> T | None:
        if len(password) < SHORTEST:
            return T("The password is too short: at least 8 characters.")
        if len(password) > LONGEST or not _storable(password):
            return T("The password is too long or holds characters that cannot be typed.")
        if contains_name(password, names):
            return T("The password contains your name or the dealership's. Choose another.")
        if password.casefold() in self._refused or obvious(password) or guessed_soon(password):
            return T("This password is among the first that are guessed. Choose another.")
        return None


def contains_name(password: str, names: Iterable[str]) -> bool:
    """Whether a part of one of the names is in the password, in either keyboard layout or script."""
    words = {word for name in names for word in re.findall(r"\w+", name.casefold()) if len(word) >= SHORTEST_NAME}
    spelled = {form for word in words for form in readings(word) if len(form) >= SHORTEST_NAME}
    return any(form in reading for form in spelled for reading in readings(password))


def new_code(groups: int = 4) -> str:
    """A one-time code a person can read out and type: ``k7wd-9mqa-…``, 5 bits a character."""
    letters = ("".join(secrets.choice(_CODE_ALPHABET) for _ in range(4)) for _ in range(groups))
    return "-".join(letters)


def read_code(typed: str) -> str:
    """A code as it was given out, from what a person typed: any case, with or without dashes."""
    letters = "".join(letter for letter in typed.casefold() if letter.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """What looks like a hash made with these parameters and is that of no known password; making it costs no time."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


def _bytes(password: str) -> bytes:
    # The same letters must give the same bytes whatever keyboard composed them.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _storable(password: str) -> bool:
    return "\x00" not in password and not any("\ud800" <= letter <= "\udfff" for letter in password)
