"""Installs a wheel in a clean environment, leaves the checkout and starts it; with the addon of a stranger beside it.

``python -m tests.support.installed WHEEL``

A checkout hides what a package lacks: its files are there whether they were packed or not.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.support.addons import ROOT
from tests.support.outside import Person, environment, pip, serving
from tests.support.sample import PACKAGE, write_sample

_CONSTRAINED = ("--constraint", ROOT / "constraints.txt")
_NUMBER = "ПП-00001"
"""The first parking pass of an instance."""


def main() -> int:
    """Check the wheel named on the command line; returns the exit code."""
    wheel = Path(sys.argv[1]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="forecourt-installed-"))
    try:
        command = _install(wheel, folder)
        _check_version(command, wheel, folder)
        _check_demo(command, folder)
        _check_new_addon(command, folder)
        _check_sample(command, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{wheel.name} starts and answers, also with an addon installed beside it\n")
    return 0


def _install(wheel: Path, folder: Path) -> Path:
    """The ``forecourt`` command of a new environment."""
    venv.create(folder / "venv", with_pip=True)
    command = folder / "venv" / "bin" / "forecourt"
    pip(command, *_CONSTRAINED, wheel)
    return command


def _check_version(command: Path, wheel: Path, folder: Path) -> None:
    done = subprocess.run([command, "--version"], cwd=folder, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"forecourt --version ended with {done.returncode}")
    if wheel.name.split("-")[1] not in done.stdout:
        raise SystemExit(f"{wheel.name} says it is {done.stdout.strip()!r}")


def _check_demo(command: Path, folder: Path) -> None:
    """Start the demonstration, sign in, ask for a page, and end it politely."""
    with serving(command, folder, folder / "var") as address:
        _expect("</html>", Person(address, "admin").page("/clients"), "the list of clients")


def _check_new_addon(command: Path, folder: Path) -> None:
    """Write an addon, install it beside Forecourt and run its tests, as its author would."""
    store = folder / "tyres"
    subprocess.run([command, "addon", "new", "tyres"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    pip(command, *_CONSTRAINED, f"{store}[test]")
    shutil.rmtree(store / "tyres")  # what was installed is to be tested
    _run_tests(command, store, "a new addon")


# --- the sample addon --------------------------------------------------------------------------------


def _check_sample(command: Path, folder: Path) -> None:
    """The sample addon from its wheel: enabled, used, tested, and brought to its second version with its data in place."""
    instance = folder / "var"
    pip(command, *_CONSTRAINED, _sample_wheel(folder / "first"))
    _forecourt(command, folder, "--instance", str(instance), "addon", "enable", PACKAGE)
    with serving(command, folder, instance) as address:
        _use_sample(Person(address, "admin"))
    shutil.rmtree(folder / "first" / PACKAGE)
    _run_tests(command, folder / "first", "the sample addon")

    pip(command, *_CONSTRAINED, _sample_wheel(folder / "second", second=True))
    told = _forecourt(command, folder, "--instance", str(instance), "upgrade")
    _expect("0002_chargers", told, "forecourt upgrade")
    with serving(command, folder, instance) as address:
        admin = Person(address, "admin")
        _expect(_NUMBER, admin.page("/parking"), "the list of passes after the upgrade")
        _expect("С зарядкой", admin.page("/parking/zones"), "the second version's list of zones")


def _sample_wheel(folder: Path, *, second: bool = False) -> Path:
    """The wheel of a version of the sample addon, built from a copy of its distribution."""
    write_sample(folder, second=second)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    subprocess.run(build, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next((folder / "dist").glob("*.whl"))


def _use_sample(admin: Person) -> None:
    """Open its pages and those it adds to; write a pass."""
    guest = {"plate": "А123ВС777", "car": "Kia Rio", "customer_text": "Виктор"}
    _expect(_NUMBER, admin.send("/parking/new", guest), "the card of a new pass")
    for path in ("/parking", "/documents", "/search?q=rio"):
        _expect(_NUMBER, admin.page(path), path)
    _expect("Домофон на въезде", admin.page("/reception"), "reception")
    _expect("На месте выдачи", admin.page("/sales?view=board"), "the board of sales")
    for path in ("/parking/zones", "/clients", "/vehicles", "/goals", "/admin/addons"):
        _expect("</html>", admin.page(path), path)


def _forecourt(command: Path, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [command, *arguments], cwd=folder, env=environment(), check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"forecourt {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _run_tests(command: Path, folder: Path, whose: str) -> None:
    """The tests of an addon that is installed, in a folder that holds them and not the addon."""
    pytest = [command.with_name("python"), "-m", "pytest", "-q", "--forecourt-database", "sqlite"]
    done = subprocess.run(
        [*pytest, "-o", "forecourt_addons_path="],
        cwd=folder,
        env=environment(),
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{whose} does not pass its own tests:\n{done.stdout}")


def _expect(words: str, text: str, where: str) -> None:
    if words not in text:
        raise SystemExit(f"{where} does not say {words!r}: {text[-2000:]!r}")


if __name__ == "__main__":
    sys.exit(main())
