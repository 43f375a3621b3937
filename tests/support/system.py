"""Programs the tests need beside Python: found, installed where that is allowed, or asked for in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path


class Missing(Exception):
    """A program the tests cannot do without; the message says what to install."""


def need(find: Callable[[], Path | None], package: str, purpose: str) -> Path:
    """The program ``find`` finds, installing Debian's ``package`` when it is not there.

    :raises Missing: naming the package, where it may not be installed from here.
    """
    found = find()
    if found is None and _install(package):
        found = find()
    if found is None:
        raise Missing(f"{purpose} needs {package}: install it (Debian, Ubuntu: sudo apt-get install {package})")
    return found


def _install(package: str) -> bool:
    command = _apt_get()
    if command is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
        done = subprocess.run(
            [*command, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode and arguments[0] == "install":
            return False
    return True


def _apt_get() -> list[str] | None:
    """How to call apt-get without a question, or nothing."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return None if asked.returncode else ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get"]
