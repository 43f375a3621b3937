"""``python -m tests.pbx``: one Asterisk on loopback for as long as it runs, to link an instance to."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.pbx.install import SUITES
from tests.pbx.server import SECRET, pbx


def main() -> None:
    """Start it, say how it is reached, end it with Ctrl+C."""
    typed = argparse.ArgumentParser(prog="python -m tests.pbx", description=main.__doc__)
    typed.add_argument("version", nargs="?", choices=sorted(SUITES), default="22")
    version = typed.parse_args().version
    # Below the system's own folder: the path of a Unix socket is short.
    with tempfile.TemporaryDirectory(prefix="pbx") as folder, pbx(version, Path(folder)) as found:
        sys.stdout.write(
            f"host 127.0.0.1, port {found.ami_port}, user name forecourt, secret {SECRET}\n"
            f"its log {found.log}, its recordings {found.folder}/recordings\n"
            f"telephones 101 to 106 register at 127.0.0.1:{found.sip_port}, password {SECRET}\n"
        )
        sys.stdout.flush()
        ending = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)
        signal.sigwait(ending)


if __name__ == "__main__":
    main()
