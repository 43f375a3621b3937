"""An instance's settings: one file and the environment, checked all at once."""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

FILE = "forecourt.toml"
PREFIX = "FORECOURT_"
SHORTEST_SECRET = 32
_DATABASE = re.compile(r"\s*[\"']?database[\"']?\s*=")


class ConfigError(Exception):
    """Settings that cannot be used; ``problems`` names every one of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one instance.

    ``instance`` is its folder: database, key, stored files. ``database`` is a URL, empty for the
    SQLite file in that folder. ``public_url`` is the address people use; links are made from it,
    never from a request's Host header (SEC-28). ``demo`` marks a demonstration instance (SEC-18).
    ``trusted_proxies`` are the addresses and networks whose forwarding headers are believed (SEC-28).
    ``require_second_factor`` demands one from those who have a guarded right (SEC-17).
    ``audit_heads`` is a file outside the instance that gets a copy of the audit seal every day (SEC-64).
    ``safe_mode`` starts the basic addons only, to find out which other one is at fault.
    ``log`` is ``json`` or ``console``; empty chooses by whether a person is watching.
    """

    instance: Path
    database: str = ""
    public_url: str = ""
    addons_path: tuple[Path, ...] = ()
    dealership: str = "Forecourt"
    language: str = "ru"
    time_zone: str = "Europe/Moscow"
    demo: bool = False
    require_second_factor: bool = True
    trusted_proxies: tuple[str, ...] = ()
    workers: int = 1
    threads: int = 256
    strict: bool = False
    safe_mode: bool = False
    backup_dir: Path | None = None
    audit_heads: Path | None = None
    log: str = ""

    @property
    def database_url(self) -> str:
        """Where the rows are."""
        return self.database or f"sqlite:///{self.instance.resolve() / 'forecourt.db'}"

    @property
    def files_dir(self) -> Path:
        """Where stored files lie, outside any served folder (SEC-33)."""
        return self.instance / "files"

    @property
    def backups(self) -> Path:
        """Where archives go that are made without being asked where."""
        return self.backup_dir or self.instance / "backups"

    @property
    def secure(self) -> bool:
        """Whether people reach the instance over HTTPS."""
        return self.public_url.startswith("https://")

    def secret(self) -> str:
        """The instance's key, made at its first use, kept in a file only its owner can read (SEC-66).

        :raises ConfigError: when the file is there and holds none, as after a full disk.
        """
        from_environment = os.environ.get(f"{PREFIX}SECRET", "")
        if from_environment:
            return from_environment
        path = self.instance / "secret.key"
        if not path.exists():
            write_private(path, new_secret())
        secret = path.read_text(encoding="ascii").strip()
        if len(secret) < SHORTEST_SECRET:
            raise ConfigError([f"{path} holds no key of {SHORTEST_SECRET} characters: put it back from a backup"])
        return secret

    def previous_secrets(self) -> tuple[str, ...]:
        """Earlier keys, the latest first: what was sealed with them still opens (SEC-66)."""
        text = os.environ.get(f"{PREFIX}PREVIOUS_SECRETS", "").replace(",", "\n")
        path = self.instance / "secret.previous"
        if not text and path.exists():
            text = path.read_text(encoding="ascii")
        return tuple(line.strip() for line in text.splitlines() if line.strip())


def new_secret() -> str:
    """A random key for an instance."""
    return secrets.token_urlsafe(48)


def replace_secret(config: Config, key: str, earlier: Iterable[str]) -> None:
    """Put another key into the instance's file, and the earlier ones beside it before that."""
    for name, text in (("secret.previous", "\n".join(earlier)), ("secret.key", key)):
        fresh = config.instance / f"{name}.new"
        fresh.unlink(missing_ok=True)
        write_private(fresh, text)
        fresh.replace(config.instance / name)


def set_database(config: Config, url: str) -> None:
    """Put another database into the instance's file of settings; everything else in it stays as it is.

    :raises ConfigError: when the settings could not be used any more, or are not ours; the file is as it was then.
    """
    with _with_database(config, url) as fresh:
        fresh.replace(config.instance / FILE)


def try_database(config: Config, url: str) -> None:
    """Find out whether :func:`set_database` would do, and change nothing.

    :raises ConfigError: as there.
    """
    with _with_database(config, url):
        pass


@contextmanager
def _with_database(config: Config, url: str) -> Iterator[Path]:
    """The settings with another database, beside those of now; they hold an address, so nothing of them is left there."""
    path = config.instance / FILE
    fresh = path.with_name(f"{FILE}.new")
    fresh.unlink(missing_ok=True)
    try:
        write_private(fresh, _naming(path, url))
        _expect_naming(fresh, url, path)
        if path.exists():
            _give_alike(fresh, path)
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _naming(path: Path, url: str) -> str:
    """The text of the settings with this database in it."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    line = f"database = {json.dumps(url)}"
    places = [number for number, each in enumerate(lines) if _DATABASE.match(each)]
    if places:
        lines[places[0]] = line
    else:
        lines.insert(0, line)
    return "\n".join([*lines, ""])


def _expect_naming(fresh: Path, url: str, path: Path) -> None:
    try:
        named = tomllib.loads(fresh.read_text(encoding="utf-8")).get("database")
    except tomllib.TOMLDecodeError:
        named = None
    if named != url:
        raise ConfigError([f"{path} cannot be changed: put the line «database = …» with the new address into it"])


def _give_alike(fresh: Path, path: Path) -> None:
    """Owner and mode of those that it is to replace: whoever serves may be another than who commands."""
    before = path.stat()
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.chown(fresh, before.st_uid, before.st_gid)
        except PermissionError as error:
            raise ConfigError([f"{path} belongs to somebody else: run this as its owner, or as root"]) from error
    fresh.chmod(before.st_mode)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; an existing one is left as it is.

    It appears under its name in one step: whoever finds it there finds all of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
        except OSError:  # a volume without hard links
            Path(name).rename(path)
    finally:
        Path(name).unlink(missing_ok=True)


def load_config(instance: Path, environment: Mapping[str, str] | None = None, **given: Any) -> Config:
    """Settings from ``<instance>/forecourt.toml``, then ``FORECOURT_*``, then what the command says.

    :raises ConfigError: with every problem found.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {"instance": str(instance)}
    problems: list[str] = []
    path = instance / FILE
    if path.exists():
        try:
            values.update(tomllib.loads(path.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path}: {error}")
    values.update(_from_environment(environment))
    values.update({key: value for key, value in given.items() if value is not None})
    known = {field.name for field in msgspec.structs.fields(Config)}
    problems += [f"unknown setting {key!r}" for key in sorted(set(values) - known)]
    config: Config | None = None
    try:
        config = msgspec.convert(
            {key: value for key, value in values.items() if key in known}, Config, strict=False, dec_hook=_decode
        )
    except msgspec.ValidationError as error:
        problems.append(str(error))
    if config is not None:
        problems += _problems(config)
    if config is None or problems:
        raise ConfigError(problems)
    return config


def _decode(wanted: type, value: Any) -> Any:
    """What msgspec cannot read by itself."""
    if wanted is Path:
        return Path(value)
    raise NotImplementedError(f"{wanted} in the settings")


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Config):
        text = environment.get(PREFIX + field.name.upper())
        if text is not None:
            found[field.name] = _entries(str(field.type), text)
    return found


def _entries(wanted: str, text: str) -> str | list[str]:
    """A setting from the environment: several folders as in ``PATH``, other lists with commas."""
    if not wanted.startswith("tuple"):
        return text
    separator = os.pathsep if "Path" in wanted else ","
    return [entry.strip() for entry in text.split(separator) if entry.strip()]


def _proxy_problem(text: str) -> str:
    """What is wrong with an entry of ``trusted_proxies``; empty when it can be used."""
    try:
        network = ip_network(text)
    except ValueError as error:
        return str(error)
    return "" if network.prefixlen else f"{text} is everybody"


def _problems(config: Config) -> list[str]:
    problems = []
    if config.language not in ("ru", "en"):
        problems.append(f"language {config.language!r}: ru or en")
    try:
        ZoneInfo(config.time_zone)
    except (KeyError, ValueError, OSError):
        problems.append(f"time_zone {config.time_zone!r} is no known zone")
    if config.database and not config.database.startswith(("sqlite:///", "postgresql://")):
        problems.append("database must be a sqlite:/// or postgresql:// URL")
    if config.public_url and not config.public_url.startswith(("http://", "https://")):
        problems.append("public_url must start with http:// or https://")
    problems += [f"addons_path: {path} is no folder" for path in config.addons_path if not path.is_dir()]
    problems += [f"trusted_proxies: {problem}" for each in config.trusted_proxies if (problem := _proxy_problem(each))]
    if config.log not in ("", "json", "console"):
        problems.append(f"log {config.log!r}: json or console")
    if not 1 <= config.workers <= 64:
        problems.append("workers must be between 1 and 64")
    return problems
