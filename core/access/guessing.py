"""Passwords that are guessed soon because many people have them: judged by lists of the commonest (SEC-14).

The lists are those of ``zxcvbn``: 30,000 passwords, names and English words, which it also finds in pieces,
backwards and with signs for letters. What Russian keyboards make of words is told by the rules of ``obvious``.
"""

from __future__ import annotations

from core.access.obvious import to_latin_keys

LEAST_SCORE = 2
"""Of 0 to 4: from here on a guesser who is slowed down needs more than a million tries."""

LONGEST_JUDGED = 32
"""The commonest passwords have up to 20 characters; judging takes the longer the longer they are (0.4 s at worst)."""


def guessed_soon(password: str) -> bool:
    """Whether a password is among the commonest or made of them, as typed or in the other keyboard layout."""
    if not password or len(password) > LONGEST_JUDGED:
        return False
    from zxcvbn import zxcvbn  # 14 MB of lists: only a process in which somebody sets a password needs them

    typed = {password, to_latin_keys(password)}
    return any(zxcvbn(each)["score"] < LEAST_SCORE for each in typed)
