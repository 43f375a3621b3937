"""The log: one line for each thing that happened, with whose request and which addon it belongs to.

Everything passes one place, ours and that of the libraries, so that nobody can forge a line and no secret and
no whole telephone number gets into a file (SEC-65).
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import Processor

FORMATS = ("json", "console")
HIDDEN = "***"

_QUIET = ("huey", "granian", "_granian", "sqlalchemy", "alembic", "fontTools")
"""Libraries of which only warnings are of interest."""

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, CR and LF among them
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # invisible ones, and those that turn the reading direction
    "\u2028\u2029\ud800-\udfff]"  # line ends of Unicode, and halves of characters
)
_SECRET_KEY = re.compile(
    r"passw|secret|token|cookie|csrf|authoriz|^(one_time_|recovery_)?codes?$|(^|_)(otp|pin|salt|signature|api_key)$",
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"(?i)\b((?:password|passwd|secret|token|cookie|authorization|csrf_token|api_key)\b['\"]?\s*[=:]\s*['\"]?)"
    r"(?:(?:bearer|basic)\s+)?[^\s'\"&,;)}\]]+"
)
_PASSWORD_IN_ADDRESS = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]*@")
_PHONE = re.compile(r"(?<![\w.:-])\+?\d[\d ()\-\u00a0]{8,22}\d(?![\w:-])")

Event = MutableMapping[str, Any]


def setup(form: str = "", stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Set the log up for this process; call it once, before anything is logged.

    :param form: ``json`` or ``console``; empty chooses by whether a person is watching.
    """
    as_json = form == "json" or (not form and not (stream or sys.stderr).isatty())
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        clean,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shared[:2],
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared[3:],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler: logging.Handler = logging.StreamHandler(stream) if stream else _ErrorOutput()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else console_line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)


class _ErrorOutput(logging.Handler):
    """Writes to whatever the error output is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201 - this is the log
        except Exception:
            self.handleError(record)


def begin_request() -> None:
    """Start the log of a request: it gets a number, and nothing of the one before it stays on this thread."""
    clear_contextvars()
    bind_contextvars(request=secrets.token_hex(4))


def add(**bound: Any) -> None:
    """Say with every further line of the request whose it is and which addon answers."""
    bind_contextvars(**{name: value for name, value in bound.items() if value not in (None, "")})


@contextmanager
def about(**bound: Any) -> Iterator[None]:
    """Say with every line of this block what it is about: the request, the user, the job, the addon."""
    with bound_contextvars(**{name: value for name, value in bound.items() if value not in (None, "")}):
        yield


@contextmanager
def without(name: str) -> Iterator[None]:
    """Without the lines of one logger: what they say is told in words by whoever runs this block."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def clean(_logger: object, _method: str, event: Event) -> Event:
    """Take secrets and telephone numbers out of an event, and every character that could fake a line."""
    return {key: HIDDEN if _is_secret(key, value) else _cleaned(key, value) for key, value in event.items()}


def _is_secret(key: str, value: object) -> bool:
    return not key.startswith("_") and value not in (None, "", True, False) and bool(_SECRET_KEY.search(key))


def _cleaned(key: str, value: Any) -> Any:
    if key in ("exception", "stack"):
        # Kept in lines: JSON escapes them, and the console sets them in, where they can pass for nothing else.
        return "\n".join(safe_text(line) for line in str(value).split("\n"))
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, MutableMapping):
        return clean(None, "", value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_cleaned("", item) for item in value]
    if value is None or isinstance(value, (bool, int, float)) or key.startswith("_"):
        return value
    return safe_text(str(value))


def safe_text(text: str) -> str:
    """A text as it may stand in the log."""
    text = _SECRET_IN_TEXT.sub(rf"\1{HIDDEN}", text)
    text = _PASSWORD_IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)
    return escaped(_PHONE.sub(_shortened, text))


def _shortened(found: re.Match[str]) -> str:
    """The last four digits of what may be a telephone number: enough to find the call, too little to call."""
    digits = re.sub(r"\D", "", found[0])
    return f"…{digits[-4:]}" if 10 <= len(digits) <= 15 else found[0]


def escaped(text: str) -> str:
    """A text with visible escapes for what cannot be seen, breaks the line or turns it around."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def console_line(_logger: object, _method: str, event: Event) -> str:
    """An event as a person reads it: the time, the level, what happened, and the rest as ``name=value``."""
    at, level = event.pop("timestamp", ""), event.pop("level", "")
    name, what = event.pop("logger", ""), event.pop("event", "")
    details = [event.pop(part) for part in ("exception", "stack") if event.get(part)]
    rest = "".join(f" {key}={value}" for key, value in sorted(event.items()))
    indented = "".join(f"\n    | {line}" for part in details for line in str(part).split("\n"))
    return f"{at} {level:<8} {name}: {what}{rest}{indented}"
