"""Gets an Asterisk: packages of the archive that this machine already uses, unpacked into the user's cache.

No release of Asterisk is in every suite of Debian; the two that are wanted here are in others than most machines have. They
are fetched by apt with folders of its own, so that signatures are checked and nothing of the machine changes, and run
with the dynamic loader of their own suite.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.system import Missing

SUITES = {"22": ("forky", "sid"), "16": ("bullseye",)}
"""The releases by the suites that have them: the present one with long support, and what many still run."""
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_WANTED = ("asterisk", "asterisk-core-sounds-en-gsm", "asterisk-moh-opsound-gsm")
_LIBRARIES = re.compile(r"asterisk|lib|zlib")
_UNUSED = re.compile(r"lib(perl|c-gconv|gdbm|pam|debconf|semanage|sepol|sensors-config|asound2-data|snmp-base)")
"""What only the scripts of packages need, which are not run."""
_DONE = ".complete"


@dataclass(frozen=True, slots=True)
class Release:
    """An unpacked Asterisk."""

    version: str
    root: Path
    loader: Path
    modules: Path

    @property
    def command(self) -> list[str]:
        """How it is started: with its own libraries."""
        found = (self.root / each for each in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib"))
        paths = ":".join(map(str, found))
        return [str(self.loader), "--library-path", paths, str(self.root / "usr/sbin/asterisk")]


def release(version: str) -> Release:
    """An Asterisk of this version, from the cache or else from the archive.

    :raises Missing: when it cannot be had; the message says why.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "forecourt" / "asterisk"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / version
    with _one_at_a_time(cache / f"{version}.lock"):
        if not (root / _DONE).exists():
            _install(version, root, cache / f"{version}.apt")
    loaders = [*root.rglob("ld-linux-x86-64.so.2"), *root.rglob("ld-2.*.so")]
    loader = next((each for each in loaders if each.is_file()), None)
    modules = next((each for each in root.rglob("asterisk/modules") if each.is_dir()), None)
    if loader is None or modules is None:
        raise Missing(f"the tests with a telephone exchange: {root} is incomplete; delete it and try again")
    return Release(version, root, loader, modules)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(version: str, root: Path, work: Path) -> None:
    problems = []
    try:
        archive = _archive()
        for suite in SUITES[version]:
            for folder in (root, work):
                shutil.rmtree(folder, ignore_errors=True)
            try:
                _unpack(_download(archive, suite, work), root)
            except subprocess.CalledProcessError as error:
                problems.append(f"{suite}: {_last_line(error)}")
                continue
            (root / _DONE).write_text(suite, encoding="utf-8")
            return
    except (OSError, subprocess.CalledProcessError) as error:
        problems.append(str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    raise Missing(
        f"the tests with a telephone exchange need Asterisk {version}, which apt cannot get: {'; '.join(problems)}"
    )


def _archive() -> str:
    """The address of the archive that this machine has its own release from."""
    if shutil.which("apt-get") is None or not KEYRING.exists():
        raise OSError("this is no Debian with its archive keyring")
    lines = _run("apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages").splitlines()
    found = next((line.split()[0] for line in lines if line.endswith(" main") and "security" not in line), None)
    if found is None:
        raise OSError("apt has no archive; run apt-get update")
    return found


def _download(archive: str, suite: str, work: Path) -> Path:
    """The packages of Asterisk and of what it needs, down to libc: for apt, nothing is installed."""
    folder = work / "archives"
    for each in (work / "lists" / "partial", folder / "partial"):
        each.mkdir(parents=True)
    (work / "status").touch()
    sources = work / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {archive} {suite} main\n", encoding="utf-8")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
    }
    apt = ["apt-get", "-q", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    _run(*apt, "update")
    plan = _run(*apt, "install", "-y", "--no-install-recommends", "--print-uris", *_WANTED)
    files = [line.split()[1] for line in plan.splitlines() if line.startswith("'")]
    packages = [name.partition("_")[0] for name in files if _LIBRARIES.match(name) and not _UNUSED.match(name)]
    _run(*apt, "download", *packages, folder=folder)
    return folder


def _unpack(packages: Path, root: Path) -> None:
    root.mkdir()
    for each in sorted(packages.glob("*.deb")):
        _run("dpkg-deb", "-x", str(each), str(root))
    for each in ("doc", "man", "locale", "lintian", "bug"):
        shutil.rmtree(root / "usr/share" / each, ignore_errors=True)


def _run(*command: str, folder: Path | None = None) -> str:
    """What a command prints.

    :raises subprocess.CalledProcessError: when it fails.
    """
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return done.stdout


def _last_line(error: subprocess.CalledProcessError) -> str:
    said = [line for line in (error.stderr or error.stdout or "").splitlines() if line.strip()]
    return said[-1] if said else f"{error.cmd[0]} ended with {error.returncode}"
