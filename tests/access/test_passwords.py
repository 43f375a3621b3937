"""Passwords: Argon2id at the required strength, and what may be one (SEC-13, SEC-14)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from argon2 import extract_parameters
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from core.access.guessing import guessed_soon
from core.access.obvious import obvious
from core.access.passwords import SHORTEST, Passwords, contains_name, new_code, read_code
from core.errors import Invalid


def test_sec_13_hash_is_argon2id_of_the_required_strength(passwords: Passwords) -> None:
    parameters = extract_parameters(passwords.hash("тихая река у дома"))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)


def test_sec_16_what_is_compared_for_a_name_nobody_has_costs_as_much_as_a_hash() -> None:
    passwords = Passwords(memory=24 * 1024, time=3)
    assert extract_parameters(passwords._dummy) == extract_parameters(passwords.hash("тихая река у дома"))
    with pytest.raises(VerifyMismatchError):  # computed and compared, not refused for its form
        passwords._hasher.verify(passwords._dummy, "тихая река у дома")
    assert not passwords.verify("", "тихая река у дома")


@pytest.mark.parametrize("weak", [{"memory": 19455}, {"time": 1}])
def test_sec_13_weaker_parameters_are_refused(weak: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Passwords(**weak)  # type: ignore[arg-type]


def test_sec_13_raised_parameters_make_old_hashes_outdated(passwords: Passwords) -> None:
    hashed = passwords.hash("тихая река у дома")
    stronger = Passwords(memory=24 * 1024)
    assert not passwords.outdated(hashed)
    assert stronger.outdated(hashed)
    assert stronger.verify(hashed, "тихая река у дома")


def test_sec_13_no_more_hashes_at_once_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(at_once=2)
    running, most, lock, third = 0, 0, threading.Lock(), threading.Event()

    def slow_hash(_self: object, _password: bytes) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running > 2:
                third.set()
        third.wait(0.05)
        with lock:
            running -= 1
        return ""

    monkeypatch.setattr("core.access.passwords.PasswordHasher.hash", slow_hash)
    threads = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_password_is_verified_whatever_keyboard_composed_it(passwords: Passwords) -> None:
    hashed = passwords.hash("й" + "тихая река")
    assert passwords.verify(hashed, "и\u0306" + "тихая река")
    assert not passwords.verify(hashed, "тихая река")


@pytest.mark.parametrize("hashed", ["", "no hash at all"])
def test_without_a_usable_hash_nothing_is_right(passwords: Passwords, hashed: str) -> None:
    assert not passwords.verify(hashed, "")
    assert not passwords.verify(hashed, "тихая река у дома")


def test_sec_14_overlong_input_is_refused_before_hashing(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr("core.access.passwords.PasswordHasher.verify", never)
    assert not passwords.verify("", "x" * 1025)


@pytest.mark.parametrize(
    "password",
    [
        "корова ест траву",
        "correct horse battery staple",
        "vbr47zqpls",
        "Kx7!pQ2zLm",
        " 8 пробелов ",
        "żółć-gęślą-jaźń",
        "q8" + "длинный пароль из слов " * 10,
        "🐎🔋📎🌧️🍇🧭🪁🎻",
    ],
)
def test_sec_14_any_characters_and_lengths_from_8_are_welcome(passwords: Passwords, password: str) -> None:
    passwords.check_new(password, ["petrov", "Петров Иван"])


@pytest.mark.parametrize(
    "password",
    [
        "1234567",
        "12345678",
        "987654321",
        "11111111",
        "password",
        "P@ssw0rd1",
        "password2024!",
        "qwertyuiop",
        "1q2w3e4r5t",
        "1qaz2wsx",
        "qazwsxedc",
        "147258369",
        "a1b2c3d4",
        "abcdefgh",
        "abc123abc123",
        "йцукенгш",
        "фывапролдж",
        "Пароль123",
        "Gfhjkm123",
        "gfhjkmgfhjkm",
        "Солнышко",
        "Наташа1987",
        "natasha87",
        "12.05.1987",
        "05121987",
        "89031234567",
        "+79031234567",
        "iloveyou",
        "zxcvbnm,",
        "toyota2020",
        "x" * 1025,
        "тихая\x00река",
        "тихая\ud800река",
    ],
)
def test_sec_14_too_short_too_long_and_obvious_passwords_are_refused(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_new(password)
    assert list(refused.value.errors) == ["password"]


@pytest.mark.parametrize(
    "password",
    ["автомир и машина", "Avtomir-9182", "fdnjvbh55 zz", "мой петров пароль", "xxpetrovxx1", "Gtnhjd-8273", "ivan.p@1"],
)
def test_sec_14_names_of_the_person_and_the_dealership_are_refused(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check_new(password, ["ivan.p", "Петров Иван", "ivan.p@example.org"])


def test_sec_14_an_instance_refuses_a_list_of_its_own() -> None:
    passwords = Passwords(refused=["Vbr47Zqpls"])
    with pytest.raises(Invalid):
        passwords.check_new("vbr47zqplS")


def test_short_names_do_not_forbid_words() -> None:
    assert not contains_name("кривая дорога", ["Ли Ван", "Kia"])


@given(st.text(max_size=80))
def test_any_text_is_judged_without_error(password: str) -> None:
    assert obvious(password) in (True, False)


@given(st.sampled_from([1, 4, 6]))
def test_codes_are_read_in_any_spelling(groups: int) -> None:
    code = new_code(groups)
    assert read_code(f" {code.upper().replace('-', ' ')}\n") == code
    assert read_code(code.replace("-", "")) == code


@pytest.mark.parametrize(
    "password",
    ["swordfish", "budlight", "Godzilla", "drowssap", "ыцщквашыр", "passport", "S3curity", "westside", "lasvegas"],
)
def test_sec_14_the_commonest_passwords_are_refused_in_either_layout(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check_new(password)


def test_sec_14_none_of_the_three_thousand_commonest_is_let_through() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    commonest = [each for each in FREQUENCY_LISTS["passwords"][:3000] if len(each) >= SHORTEST]
    assert len(commonest) > 300
    assert [each for each in commonest if not (obvious(each) or guessed_soon(each))] == []


def test_judging_takes_no_time_worth_naming() -> None:
    """Made to be slow: every character is a sign for a letter."""
    started = time.monotonic()
    guessed_soon("4@8({[<6931!|7105$5+7%2" * 40)
    guessed_soon("4@8({[<6931!|7105$5+7%2" + "4@8({[<69")
    assert time.monotonic() - started < 5


def test_the_lists_are_loaded_only_when_somebody_sets_a_password() -> None:
    program = (
        "import sys, core.web.app, core.access.passwords; sys.exit('zxcvbn' in sys.modules or 'segno' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
