"""A telephone: it registers, rings, answers, refuses, dials, holds, presses keys and passes calls on.

SIP over UDP as far as a test on loopback needs it: nothing is sent twice, and nobody speaks. Every call keeps its moments by our
clock, so that what happened is known from the telephones and not from the exchange.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

END = "\r\n"
PATIENCE = 40.0
"""Seconds after which nobody waits any more for what should have happened."""
_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}


class Message:
    """A SIP message, taken apart as far as is needed."""

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.decode("utf-8", "replace").partition(END * 2)
        self.start, *lines = head.split(END)
        self.headers: list[tuple[str, str]] = []
        for line in lines:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.append((_SHORT.get(name, name), value.strip()))
        first, second = self.start.split()[:2]
        self.status = int(second) if first.startswith("SIP/") else None
        self.method, self.uri = first, second

    def get(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name]

    @property
    def sequence(self) -> tuple[int, str]:
        number, method = self.get("cseq").split()
        return int(number), method


def _tag(value: str) -> str:
    found = re.search(r";\s*tag=([^;>\s]+)", value)
    return found[1] if found else ""


def _uri(value: str) -> str:
    found = re.search(r"<([^>]+)>", value)
    return found[1] if found else value.split(";")[0].strip()


def _user(uri: str) -> str:
    return re.sub(r"^sips?:([^@]*)@.*", r"\1", uri)


@dataclass(eq=False)
class Call:
    """One call of a telephone; moments are seconds since 1970.

    ``ended_by`` is ``us``, ``them``, ``refused`` or ``cancelled``.
    """

    phone: Telephone
    id: str
    incoming: bool
    number: str = ""
    """Whom it is to."""
    shown: str = ""
    """Who calls, as it is on the display."""
    began: float = field(default_factory=time.time)
    rang: float | None = None
    answered: float | None = None
    ended: float | None = None
    ended_by: str = ""
    local_uri: str = ""
    remote_uri: str = ""
    target: str = ""
    remote_tag: str = ""
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.local_tag = secrets.token_hex(6)
        self.sequence = 0
        self.branch = ""
        self.invite: tuple[Message, tuple[str, int]] | None = None
        self.tried = False
        self._happened = asyncio.Condition()

    # --- what one does ---------------------------------------------------------------------------

    def answer(self) -> None:
        assert self.invite is not None
        self.answered = time.time()
        self.phone.reply(*self.invite, "200 OK", self, self.phone.media())
        self.happened()

    def refuse(self, status: str = "486 Busy Here") -> None:
        assert self.invite is not None
        self.phone.reply(*self.invite, status, self)
        self.over("refused")

    def hang_up(self) -> None:
        if self.ended is not None:
            return
        if self.answered is not None:
            self.request("BYE")
            self.over("us")
        elif self.incoming:
            self.refuse("480 Temporarily Unavailable")
        else:
            self.request("CANCEL", again=True)
            self.over("cancelled")

    def press(self, keys: str) -> None:
        for key in keys:
            self.request("INFO", f"Signal={key}{END}Duration=160{END}", ["Content-Type: application/dtmf-relay"])

    def hold(self) -> None:
        self.request("INVITE", self.phone.media("sendonly"), ["Content-Type: application/sdp"])

    def pass_on(self, number: str, joining: Call | None = None) -> None:
        """Transfer to a number without asking, or to whom the other call of this telephone is with."""
        host, port = self.phone.server
        to = f"sip:{number}@{host}:{port}"
        if joining is not None:
            to += f"?Replaces={joining.id}%3Bto-tag%3D{joining.remote_tag}%3Bfrom-tag%3D{joining.local_tag}"
        self.request("REFER", "", [f"Refer-To: <{to}>", f"Referred-By: <{self.local_uri}>"])

    # --- what one waits for ----------------------------------------------------------------------

    async def until_ringing(self) -> None:
        await self._until(lambda: self.rang is not None or self.answered is not None)

    async def until_answered(self) -> None:
        await self._until(lambda: self.answered is not None)

    async def until_over(self) -> None:
        await self._until(lambda: self.ended is not None)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._happened:
            await self._happened.wait_for(holds)

    # --- inside ----------------------------------------------------------------------------------

    def happened(self) -> None:
        async def tell() -> None:
            async with self._happened:
                self._happened.notify_all()

        self.phone.later(tell())

    def over(self, how: str) -> None:
        if self.ended is None:
            self.ended, self.ended_by = time.time(), how
            self.happened()

    def request(self, method: str, body: str = "", headers: Iterable[str] = (), *, again: bool = False) -> None:
        """:param again: as part of the request before: a CANCEL."""
        self.sequence += not again
        if method == "INVITE" and not self.remote_tag:
            self.branch = _branch()
        first = method == "CANCEL" or (method == "INVITE" and not self.remote_tag)
        to = f"<{self.remote_uri}>" + (f";tag={self.remote_tag}" if self.remote_tag and method != "CANCEL" else "")
        uri = self.remote_uri if first else self.target or self.remote_uri
        branch = self.branch if first else _branch()
        self.phone.request(
            method, uri, to, f"<{self.local_uri}>;tag={self.local_tag}", self.id, self.sequence, branch, body, headers
        )

    def acknowledge(self, message: Message) -> None:
        accepted = message.status == 200
        to = message.get("to")
        uri, branch = (self.target, _branch()) if accepted else (self.remote_uri, self.branch)
        sender = f"<{self.local_uri}>;tag={self.local_tag}"
        self.phone.request("ACK", uri, to, sender, self.id, message.sequence[0], branch, "", ())


def _branch() -> str:
    return "z9hG4bK" + secrets.token_hex(8)


OnCall = Callable[[Call], None]


class Telephone(asyncio.DatagramProtocol):
    """A telephone, or the provider's side of a trunk.

    :param on_call: told of every call that rings here.
    """

    def __init__(
        self, user: str, server: tuple[str, int], secret: str = "", host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.user, self.server, self.secret, self.host, self.port = user, server, secret, host, port
        self.on_call: OnCall = lambda call: None
        self.calls: list[Call] = []
        self._by_id: dict[str, Call] = {}
        self._ringing: asyncio.Queue[Call] = asyncio.Queue()
        self._answers: dict[tuple[str, int], asyncio.Future[Message]] = {}
        self._said: dict[tuple[str, str], bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug_in(self) -> Telephone:
        """Be there; register where there is a secret."""
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        self._rtp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(self.host, 0))
        self.port = self._sip.get_extra_info("sockname")[1]
        if self.secret:
            try:
                await self._register()
            except BaseException:
                self.unplug()
                raise
        return self

    def unplug(self) -> None:
        self._sip.close()
        self._rtp.close()

    def dial(self, number: str, caller: str = "", *, hidden: bool = False) -> Call:
        """Call a number; returns at once."""
        call = Call(self, secrets.token_hex(10), incoming=False, number=number, shown=caller or self.user)
        call.local_uri = "sip:anonymous@anonymous.invalid" if hidden else f"sip:{caller or self.user}@{self.host}"
        call.extra = ("Privacy: id",) if hidden else ()
        call.remote_uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        self._note(call)
        call.request("INVITE", self.media(), ["Content-Type: application/sdp", *call.extra])
        return call

    async def rung(self) -> Call:
        """The next call that rings here."""
        async with asyncio.timeout(PATIENCE):
            return await self._ringing.get()

    # --- inside ----------------------------------------------------------------------------------

    def later(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        self._by_id[call.id] = call

    def media(self, direction: str = "sendrecv") -> str:
        host, port = self._rtp.get_extra_info("sockname")
        lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP 8"]
        return END.join([*lines, "a=rtpmap:8 PCMA/8000", "a=ptime:20", f"a={direction}", ""])

    async def _register(self) -> None:
        uri, id_, tag = f"sip:{self.server[0]}:{self.server[1]}", secrets.token_hex(8), secrets.token_hex(6)
        me = f"<sip:{self.user}@{self.server[0]}>"
        headers = [f"Contact: <sip:{self.user}@{self.host}:{self.port}>", "Expires: 600"]
        for number in (1, 2):
            waiting = self._answers[id_, number] = asyncio.get_running_loop().create_future()
            self.request("REGISTER", uri, me, f"{me};tag={tag}", id_, number, _branch(), "", headers)
            async with asyncio.timeout(PATIENCE):
                answer = await waiting
            if answer.status == 401:
                headers.append("Authorization: " + self._digest(answer.get("www-authenticate"), "REGISTER", uri))
        assert answer.status == 200, answer.start

    def _digest(self, challenge: str, method: str, uri: str) -> str:
        given = {name: one or other for name, one, other in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', challenge)}
        shown = {"username": self.user, "realm": given["realm"], "nonce": given["nonce"], "uri": uri}
        who, what = _md5(f"{self.user}:{given['realm']}:{self.secret}"), _md5(f"{method}:{uri}")
        more = ""
        if "qop" in given:
            count = f"00000001:{secrets.token_hex(4)}"
            shown["response"] = _md5(f"{who}:{given['nonce']}:{count}:auth:{what}")
            more = f', qop=auth, nc=00000001, cnonce="{count.partition(":")[2]}"'
        else:
            shown["response"] = _md5(f"{who}:{given['nonce']}:{what}")
        shown |= {"opaque": given["opaque"]} if "opaque" in given else {}
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in shown.items()) + more

    def request(
        self,
        method: str,
        uri: str,
        to: str,
        sender: str,
        id_: str,
        number: int,
        branch: str,
        body: str,
        headers: Iterable[str],
    ) -> None:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {sender}",
            f"To: {to}",
            f"Call-ID: {id_}",
            f"CSeq: {number} {method}",
        ]
        if method not in {"REGISTER", "CANCEL"}:
            lines.append(f"Contact: <sip:{self.user}@{self.host}:{self.port}>")
        lines += [
            "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY, REFER",
            *headers,
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        self._sip.sendto(END.join(lines).encode(), self.server)

    def reply(
        self, message: Message, sender: tuple[str, int], status: str, call: Call | None = None, body: str = ""
    ) -> None:
        to = message.get("to")
        if call is not None and not status.startswith("100") and not _tag(to):
            to += f";tag={call.local_tag}"
        lines = [
            f"SIP/2.0 {status}",
            *(f"Via: {each}" for each in message.all("via")),
            f"From: {message.get('from')}",
            f"To: {to}",
        ]
        lines += [f"Call-ID: {message.get('call-id')}", f"CSeq: {message.get('cseq')}"]
        lines += [
            f"Contact: <sip:{self.user}@{self.host}:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
        ]
        data = END.join([*lines, f"Content-Length: {len(body)}", "", body]).encode()
        self._said[message.get("via"), message.get("cseq")] = data
        self._sip.sendto(data, sender)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if len(data) < 20:
            return
        message = Message(data)
        if message.status is not None:
            self._answered(message)
            return
        again = self._said.get((message.get("via"), message.get("cseq")))
        if again is not None and message.method != "ACK":
            self._sip.sendto(again, sender)
        else:
            self._asked(message, sender)

    def _answered(self, message: Message) -> None:
        number, method = message.sequence
        waiting = self._answers.pop((message.get("call-id"), number), None)
        if waiting is not None:
            waiting.set_result(message)
        call = self._by_id.get(message.get("call-id"))
        if call is not None and method == "INVITE" and message.status is not None:
            self._invited(call, message, message.status)

    def _invited(self, call: Call, message: Message, status: int) -> None:
        """An answer to our invitation."""
        if status < 200:
            if status >= 180 and call.rang is None:
                call.rang = time.time()
                call.happened()
            return
        if status == 200:
            call.remote_tag, call.target = _tag(message.get("to")), _uri(message.get("contact"))
            call.acknowledge(message)
            if call.ended is not None:
                call.request("BYE")  # it was answered while we gave up
            elif call.answered is None:
                call.answered = time.time()
                call.happened()
            return
        call.acknowledge(message)
        if status == 401 and not call.tried:
            call.tried = True
            shown = "Authorization: " + self._digest(message.get("www-authenticate"), "INVITE", call.remote_uri)
            call.request("INVITE", self.media(), ["Content-Type: application/sdp", *call.extra, shown])
        elif call.answered is None:
            call.over("refused")

    def _asked(self, message: Message, sender: tuple[str, int]) -> None:
        call = self._by_id.get(message.get("call-id"))
        match message.method:
            case "ACK":
                return
            case "INVITE" if call is None:
                self._rings(message, sender)
                return
            case "INVITE":
                self.reply(message, sender, "200 OK", call, self.media())
                return
            case "CANCEL" if call is not None and call.answered is None and call.invite is not None:
                self.reply(*call.invite, "487 Request Terminated", call)
                call.over("cancelled")
            case "BYE" if call is not None:
                call.over("them")
            case "NOTIFY" if call is not None and re.match(r"SIP/2.0 2", message.body):
                self.later(_leave(call))
        self.reply(message, sender, "200 OK", call)

    def _rings(self, message: Message, sender: tuple[str, int]) -> None:
        call = Call(self, message.get("call-id"), incoming=True, number=_user(message.uri))
        call.invite = message, sender
        call.remote_tag, call.remote_uri = _tag(message.get("from")), _uri(message.get("from"))
        call.local_uri, call.target = _uri(message.get("to")), _uri(message.get("contact"))
        call.shown = _user(_uri(message.get("p-asserted-identity") or message.get("from")))
        self._note(call)
        self.reply(message, sender, "100 Trying", call)
        self.reply(message, sender, "180 Ringing", call)
        call.rang = time.time()
        self._ringing.put_nowait(call)
        self.on_call(call)


async def _leave(call: Call) -> None:
    """As a telephone on a desk does once its transfer has gone through."""
    call.hang_up()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
