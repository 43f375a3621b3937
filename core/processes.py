"""Child processes that are forked, and signals as something to wait for."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

TYPE_CHECKING = False  # not from typing, which is a megabyte of the process that stays
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self

_RESET = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2)


def private_umask() -> None:
    """Files of the instance are its owner's alone (SEC-66)."""
    os.umask(0o077)


def fork(work: Callable[[], object], *, group: bool = False) -> int:
    """Do something in a child process, which ends with it; returns the child's number at once.

    Only while this process has one thread: locks that others hold would stay held in the child for ever.

    :param group: put the child and its own children into a process group of theirs.
    """
    _flush()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _RESET)
    pid = os.fork()
    if group:
        with contextlib.suppress(ProcessLookupError):
            os.setpgid(pid, pid or os.getpid())  # by both: whoever comes first, the other finds it done
    if not pid:
        _child(work, before)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def wait(pid: int) -> int:
    """Wait for a child and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ended(pid: int) -> int | None:
    """The exit code of a child that has ended, negative for a signal; nothing while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def tell(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def tell_group(group: int, number: int) -> None:
    """Send a signal to a process and to all it has forked."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _child(work: Callable[[], object], mask: set[Any]) -> NoReturn:
    """The life of a child: it leaves by the short way, for what its parent does at its end is not its to do."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in _RESET:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        work()
        status = 0
    except SystemExit as leaving:
        status = _status(leaving)
    except BaseException:
        import traceback  # the process that stays does without

        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _status(leaving: SystemExit) -> int:
    """The code of an exit; a text is for the person, as at the end of any program."""
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    print(leaving.code, file=sys.stderr)  # noqa: T201 - what the interpreter does
    return 1


def _flush() -> None:
    """What is buffered must not be written twice, nor be lost."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.flush()


class Signals:
    """The signals this process gets, as something a selector can wait for. Made in the main thread."""

    def __init__(self, *numbers: int) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before = {number: signal.signal(number, _nothing) for number in numbers}
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        """What to select on."""
        return self._read

    def take(self) -> set[int]:
        """The signals since the last call."""
        with contextlib.suppress(BlockingIOError):
            return set(os.read(self._read, 4096))
        return set()


def _nothing(_number: int, _frame: object) -> None:
    """The wake-up descriptor is written to whatever the handler is; there must be one."""
