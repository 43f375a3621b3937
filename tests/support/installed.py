"""Installs a wheel in a clean environment, leaves the checkout and starts it.

``python -m tests.support.installed WHEEL``

A checkout hides what a package lacks: its files are there whether they were packed or not.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

from tests.support.addons import ROOT

_START_SECONDS = 120


def main() -> int:
    """Check the wheel named on the command line; returns the exit code."""
    wheel = Path(sys.argv[1]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="forecourt-installed-"))
    try:
        command = _install(wheel, folder)
        _check_version(command, wheel, folder)
        _check_demo(command, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{wheel.name} starts and answers\n")
    return 0


def _install(wheel: Path, folder: Path) -> Path:
    """The ``forecourt`` command of a new environment."""
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", ROOT / "constraints.txt", wheel], cwd=folder, check=True)
    return folder / "venv" / "bin" / "forecourt"


def _check_version(command: Path, wheel: Path, folder: Path) -> None:
    done = subprocess.run([command, "--version"], cwd=folder, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"forecourt --version ended with {done.returncode}")
    if wheel.name.split("-")[1] not in done.stdout:
        raise SystemExit(f"{wheel.name} says it is {done.stdout.strip()!r}")


def _check_demo(command: Path, folder: Path) -> None:
    """Start the demonstration, ask for its first page, and end it politely."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FORECOURT_", "PYTHON"))}
    arguments = ["run", "--demo", "--instance", str(folder / "var"), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [command, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        page = _first_page(f"http://127.0.0.1:{port}/", server)
        if "</html>" not in page:
            raise SystemExit(f"the first page is no page: {page[:200]!r}")
    except BaseException:
        sys.stderr.write((folder / "log").read_text(encoding="utf-8", errors="replace"))
        raise
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _first_page(url: str, server: subprocess.Popen[bytes]) -> str:
    """The page at ``url``, once the server answers."""
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{url} answers {error.code}") from error
        except OSError as error:
            if server.poll() is not None:
                raise SystemExit(f"forecourt run ended with {server.returncode}") from error
            if time.monotonic() > end:
                raise SystemExit(f"no answer from {url} in {_START_SECONDS} s") from error
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
