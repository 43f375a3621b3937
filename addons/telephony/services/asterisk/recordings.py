"""Where a recording lies, by the words with which the dialplan starts it."""

from __future__ import annotations

from typing import Final

APPLICATION: Final = "mixmonitor"
FOLDER: Final = "/var/spool/asterisk/monitor/"
"""The folder below which a packaged Asterisk keeps recordings; paths in it are told without it."""

LONGEST_PATH: Final = 1_000


def path_of(application: str, data: str) -> str:
    """The file of ``MixMonitor(file,options,command)``; empty for another application."""
    if application.lower() != APPLICATION:
        return ""
    return data.partition(",")[0].strip()[:LONGEST_PATH].removeprefix(FOLDER)
