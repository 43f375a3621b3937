"""Secrets at rest and the tokens of forms (SEC-19, SEC-23, SEC-66)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from core.access.crypto import (
    SecretBox,
    UnreadableSecret,
    csrf_matches,
    csrf_token,
    derive_key,
    new_token,
    token_hash,
)

BOX = SecretBox("a secret")


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_sec_66_a_sealed_secret_opens_in_its_own_place(text: str, context: str) -> None:
    assert BOX.open(BOX.seal(text, context), context) == text


def test_sec_66_what_is_stored_does_not_show_the_secret() -> None:
    first, second = BOX.seal("JBSWY3DPEHPK3PXP", "user:1"), BOX.seal("JBSWY3DPEHPK3PXP", "user:1")
    assert "JBSWY3DP" not in first
    assert first != second


@pytest.mark.parametrize("context", ["user:2", ""])
def test_sec_66_moved_to_another_row_it_does_not_open(context: str) -> None:
    with pytest.raises(UnreadableSecret):
        BOX.open(BOX.seal("text", "user:1"), context)


def test_sec_66_changed_in_one_place_it_does_not_open() -> None:
    sealed = BOX.seal("text", "user:1")
    for place in range(len(sealed) - 2):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(UnreadableSecret):
            BOX.open(changed, "user:1")


@pytest.mark.parametrize("sealed", ["", "v1", "v1.x.y", "v1.00000000.", "v2.a.b.c", "ключ.ключ.ключ"])
def test_sec_66_rubbish_does_not_open(sealed: str) -> None:
    with pytest.raises(UnreadableSecret):
        BOX.open(sealed, "user:1")


def test_sec_66_keys_are_rotated_without_a_gap() -> None:
    old = BOX.seal("text", "user:1")
    rotated = SecretBox("a new secret", "a secret")
    assert rotated.open(old, "user:1") == "text"
    assert rotated.outdated(old)
    assert not rotated.outdated(rotated.seal("text", "user:1"))
    with pytest.raises(UnreadableSecret):
        SecretBox("a new secret").open(old, "user:1")


def test_each_purpose_has_its_own_key() -> None:
    keys = {derive_key("a secret", "one"), derive_key("a secret", "two"), derive_key("another", "one")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_keys_are_those_of_hkdf() -> None:
    """RFC 5869 as the library has it; the keys are derived without it, for a start does not need the rest of it."""
    theirs = HKDF(SHA256(), 32, salt=None, info=b"forecourt/one").derive(b"a secret")
    assert derive_key("a secret", "one") == theirs


def test_sec_19_tokens_are_32_random_bytes_and_kept_hashed() -> None:
    token = new_token()
    assert len(token) == 43
    assert new_token() != token
    assert token not in token_hash(token)


def test_sec_23_a_form_token_is_good_for_its_owner_alone() -> None:
    token = csrf_token("a secret", "owner")
    assert csrf_matches("a secret", "owner", token)
    assert not csrf_matches("a secret", "another", token)
    assert not csrf_matches("another secret", "owner", token)
    assert csrf_token("a secret", "owner") != token


@pytest.mark.parametrize("given", ["", ".", "x", "\ud800.\ud800", "ключ.ключ"])
def test_sec_23_anything_else_is_refused(given: str) -> None:
    assert not csrf_matches("a secret", "owner", given)


def test_sec_23_a_nobody_has_no_valid_token() -> None:
    assert not csrf_matches("a secret", "", csrf_token("a secret", ""))
