"""A recording, and a web server on loopback that has some."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from addons.telephony.services.recordings.web import Web

SOUND = b"RIFF\x24\x38\x01\x00WAVEfmt " + bytes(range(256)) * 312


class Sounds:
    """Gives files by their paths, as a web server of an exchange does, or does not.

    :param files: what lies there, by the path of the address.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.ranges, self.moved_to, self.cut_at = files, True, "", 0
        self.asked: list[str] = []
        self.accounts: set[tuple[str, str]] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where its recordings lie."""
        return f"http://127.0.0.1:{self._server.server_port}/monitor"

    def place(self, account: str = "", secret: str = "") -> Web:
        """The place as an exchange's record says it."""
        return Web(urlsplit(self.address), account, secret)

    def __enter__(self) -> Sounds:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sounds = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sounds.asked.append(self.path)
                sealed = self.headers.get("Authorization", "").removeprefix("Basic ")
                if sealed:
                    name, _, secret = base64.b64decode(sealed).decode().partition(":")
                    sounds.accounts.add((name, secret))
                if sounds.moved_to:
                    self._answer(302, b"", {"Location": sounds.moved_to})
                    return
                found = sounds.files.get(self.path)
                if found is None:
                    self._answer(404, b"", {})
                    return
                span = self.headers.get("Range", "")
                if not sounds.ranges or not span:
                    self._answer(200, found, {})
                    return
                first, _, last = span.removeprefix("bytes=").partition("-")
                part = found[int(first) : int(last) + 1]
                told = f"bytes {first}-{int(first) + len(part) - 1}/{len(found)}"
                self._answer(206, part, {"Content-Range": told})

            def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if sounds.cut_at and len(body) > sounds.cut_at:
                    self.close_connection = True
                    body = body[: sounds.cut_at]
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
