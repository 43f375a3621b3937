"""A call as people speak of it: one record for each call, computed from what is known of its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from addons.telephony.services.asterisk import talks
from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.moments import NEVER, known
from addons.telephony.services.asterisk.names import Kind, endpoint, is_outside, number
from addons.telephony.services.asterisk.pool import OpenCall
from core import parse_phone

AT_ONCE = 0.05
"""Seconds before the client hung up within which what ended was still going on: Asterisk says both in any order."""

LOGGED_AT_ONCE = 0.5
"""The same where only the log tells of it: a busy PBX writes that a phone rings no more some time before it writes why."""

AROUND = 1.0
"""Seconds around a transfer within which its target may have come to the client already."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One ring of one phone; moments in seconds since 1970."""

    ext: str
    rang: float | None
    answered: float | None
    ended: float | None
    result: str
    """``answered``, ``no answer`` or ``refused``."""
    ended_by: str
    """``employee``, ``other side``, ``cancelled`` or ``refused``."""
    shown: str
    """The number on its display."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A transfer of the client from one employee to another."""

    origin: str
    to: str
    kind: str
    how: str
    result: str
    """``answered``, ``returned`` (to whoever had passed the client on) or ``lost``."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What the client waited with, in seconds: the voice menu and announcements, a queue, ringing phones."""

    menu: float = 0.0
    queue: float = 0.0
    ring: float = 0.0


@dataclass(frozen=True, slots=True)
class Recording:
    """A file with what was said, and for how many seconds there was somebody to record."""

    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Made:
    """How an outgoing call was made; moments are seconds since 1970."""

    employee: str | None
    by: str
    """``phone`` or ``click_to_call``."""
    employee_answered: float | None
    client_rang: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call, whatever channels it took. Moments are seconds since 1970 by the clock of the PBX (S2-07)."""

    linkedid: str
    direction: str
    """``in``, ``out`` or ``internal``."""
    disposition: str
    """``answered``, ``missed``; of calls that are made also ``client_no_answer``, ``client_busy``, ``employee_no_answer``,
    ``no_employee``."""
    caller: str | None
    """The number of whoever called, as it came; nothing when it was withheld."""
    client: str | None
    client_e164: str | None
    did: str | None
    """The number of the house that was called."""
    started: float
    answered: float | None
    ended: float | None
    ended_known: bool
    """Whether the end was seen, and not found out later."""
    wait: float | None
    talk: float
    with_employee: float
    answered_by: tuple[str, ...]
    hangup_by: str
    """``client``, ``pbx or employee``, ``refused`` (the PBX never took the line up) or ``unknown``."""
    loss_reason: str | None
    """What went on when the client gave up: ``listening_ivr``, ``waiting_queue`` or ``ringing_manager`` (S1-16)."""
    waits: Waits
    legs: tuple[Leg, ...]
    transfers: tuple[PassedOn, ...]
    recordings: tuple[Recording, ...]
    made: Made | None = None
    """Of an outgoing call: who made it, and how."""
    linkedids: tuple[str, ...] = field(default=())
    """All names that the PBX had for it."""


def describe(call: OpenCall) -> Call | None:
    """What a call amounts to by now; nothing when no channel of it is a person's."""
    view = View(call)
    return view.describe() if view.people else None


class View:
    """A call looked at from the client's channel, or from the caller's for a call inside the house."""

    def __init__(self, call: OpenCall) -> None:
        self.call = call
        self.channels: Mapping[str, Channel] = call.channels
        self.people = sorted(
            (each for each in call.channels.values() if each.kind is not Kind.LOCAL), key=lambda each: _at(each.born)
        )
        if not self.people:
            return
        self.first = min(call.channels.values(), key=lambda each: _at(each.born))
        self.client = self._client()
        self.talks = talks.talks(self.client, call.channels) if self.client is not None else {}
        self.direction = self._direction()
        self.seen_from = self.client or (self.people[0] if self.direction == "internal" else None)
        if self.client is None and self.seen_from is not None:
            self.talks = talks.talks(self.seen_from, call.channels)
        self.started = _at(self.client.born if self.direction == "in" and self.client else self.first.born)
        self.ended = self._ended()
        self.end = self.ended if self.ended is not None else max(each.last_seen for each in self.people)
        self.phones = [each for each in self.people if each is not self.seen_from]
        self.talkers = sorted(
            (each for each in self.phones if each.uid in self.talks), key=lambda each: self.talks[each.uid][0]
        )

    # --- who is who ------------------------------------------------------------------------------

    def _client(self) -> Channel | None:
        """The channel of a provider's line that the client came by, or else that was answered, or else tried last."""
        lines = [each for each in self.people if each.kind is Kind.TRUNK]
        came = next((each for each in lines if each.came_in), None)
        answered = next((each for each in lines if each.up != NEVER), None)
        return came or answered or (lines[-1] if lines else None)

    def _direction(self) -> str:
        if self.client is not None:
            return "in" if self.client.came_in else "out"
        ordered = not self.first.came_in or self.first.kind is Kind.LOCAL
        clicked = ordered and any(is_outside(each) for each in self._shown_numbers())
        return "out" if clicked else "internal"

    def _shown_numbers(self) -> list[str]:
        """The numbers a call that a program made shows to the employee: the client's."""
        return [text for each in self.channels.values() if each.kind is not Kind.TRUNK for text in each.numbers]

    def client_number(self) -> str:
        """The client's number as it came; empty when it was withheld."""
        if self.direction == "in" and self.client is not None:
            return number(next(iter(self.client.numbers), ""))
        if self.direction == "internal":
            return ""
        dialled = self.first.exten if self.first.came_in and self.first.kind is Kind.PHONE else ""
        if parse_phone(dialled) is not None:
            return dialled
        line = next(iter(self.client.numbers), "") if self.client is not None else ""
        return line or next((text for text in self._shown_numbers() if is_outside(text)), "") or number(dialled)

    def client_e164(self) -> str:
        """The client's number in E.164; empty for what is no phone number."""
        phone = parse_phone(self.client_number())
        return phone.e164 if phone is not None else ""

    # --- moments ---------------------------------------------------------------------------------

    def _ended(self) -> float | None:
        if self.seen_from is not None:
            ends = [known(self.seen_from.asked), known(self.seen_from.gone)]
        else:
            ends = [max((_at(each.gone) for each in self.people), default=None)] if self._all_gone() else []
        return min((each for each in ends if each is not None), default=None)

    def _all_gone(self) -> bool:
        return all(each.is_gone for each in self.people)

    @property
    def _ended_known(self) -> bool:
        ends = [self.seen_from.asked, self.seen_from.gone] if self.seen_from else [each.gone for each in self.people]
        return any(not guess and at != float("inf") for guess, at in ends)

    def answered(self) -> float | None:
        """When the client first had somebody: the moment the phone was picked up, or the client's own for a call to him."""
        if not self.talkers:
            return None
        if self.direction == "out" and self.client is not None:
            return max(_at(self.client.up), _at(self.client.born)) if self.client.up != NEVER else self._talk_began()
        first = self.talkers[0]
        return self._joined(first)

    def _talk_began(self) -> float:
        return self.talks[self.talkers[0].uid][0]

    def _joined(self, phone: Channel) -> float:
        """When a phone began to hear the client: as it was picked up, unless it was busy with something else before."""
        began, up = self.talks[phone.uid][0], known(phone.up)
        return up if up is not None and not phone.came_in and up <= began and not self._consulted(phone) else began

    def _consulted(self, phone: Channel) -> bool:
        """Whether it talked to a colleague before it came to the client."""
        began = self.talks[phone.uid][0]
        return any(step.enters and step.at < began - 1 for step in phone.bridges)

    # --- the record ------------------------------------------------------------------------------

    def describe(self) -> Call:
        answered = self.answered()
        client = self.client_number() or None
        lost = answered is None and self.direction == "in"
        return Call(
            linkedid=self.linkedid(),
            direction=self.direction,
            disposition=self._disposition(answered),
            caller={"in": client, "internal": endpoint(self.first.name)}.get(self.direction),
            client=client,
            client_e164=self.client_e164() or None,
            did=(self.client.exten or None) if self.client is not None and self.direction == "in" else None,
            started=self.started,
            answered=answered,
            ended=self.ended,
            ended_known=self._ended_known,
            wait=self._wait(answered),
            talk=max(0.0, self.end - answered) if answered is not None else 0.0,
            with_employee=self._with_employee(),
            answered_by=self._answered_by(),
            hangup_by=self._hangup_by(),
            loss_reason=self._loss_reason() if lost else None,
            waits=self._waits(answered) if self.direction == "in" else Waits(),
            legs=tuple(self._legs()),
            transfers=tuple(self._transfers()),
            recordings=self._recordings(),
            made=self._made() if self.direction == "out" else None,
            linkedids=tuple(sorted(self.call.linkedids)),
        )

    def linkedid(self) -> str:
        """The name that the call keeps whatever becomes of it."""
        return (self.client if self.direction == "in" and self.client else self.first).first_linkedid

    def _disposition(self, answered: float | None) -> str:
        if answered is not None:
            return "answered"
        if self.direction != "out":
            return "missed"
        if self.client is not None:
            return "client_busy" if self.client.busy else "client_no_answer"
        rung = {each.name.partition("-")[0] for each in self.phones if each.rang != NEVER}
        return "employee_no_answer" if len(rung) == 1 and self.first.kind is Kind.PHONE else "no_employee"

    def _wait(self, answered: float | None) -> float | None:
        since = self.started
        if self.direction == "out":
            if self.client is None:
                return None
            since = _at(self.client.born)
        return max(0.0, (self.end if answered is None else answered) - since)

    def _with_employee(self) -> float:
        spans = [(self._joined(each), min(_at(each.gone), self.end)) for each in self.talkers]
        return talks.length(talks.within(spans, self.started, self.end))

    def _answered_by(self) -> tuple[str, ...]:
        """Who talked to the client, in order; of a call nobody took at the other end, who made it."""
        waited = [each for each in self.phones if not each.came_in and each.up != NEVER]
        who = self.talkers or (waited if self.direction == "out" and self.client is not None else [])
        return tuple(_reachable(each) for each in who)

    def _hangup_by(self) -> str:
        if self.ended is None:
            return "unknown"
        if self.seen_from is not None and self.seen_from.asked != NEVER:
            return "client"
        taken = self.seen_from is None or self.seen_from.up != NEVER or self.direction != "in"
        return "pbx or employee" if taken else "refused"

    def _made(self) -> Made:
        by_phone = self.first.kind is Kind.PHONE and self.first.came_in
        employee = self._employee()
        return Made(
            employee=endpoint(employee.name) if employee is not None else None,
            by="phone" if by_phone else "click_to_call",
            employee_answered=known(employee.up) if employee is not None and not by_phone else None,
            client_rang=known(self.client.rang) if self.client is not None else None,
        )

    def _employee(self) -> Channel | None:
        """Who makes the call: whoever talked, or picked up, or is the only one that was rung."""
        phones = [each for each in self.phones if each.kind is Kind.PHONE]
        up = [each for each in phones if each.up != NEVER]
        only = phones[:1] if self.first.kind is Kind.PHONE else []
        return next(iter([*self.talkers[:1], *up, *only]), None)

    # --- legs ------------------------------------------------------------------------------------

    def _legs(self) -> list[Leg]:
        rung = [each for each in self.phones if not each.came_in and (each.rang != NEVER or each.up != NEVER)]
        if self.direction == "out":
            rung = [each for each in rung if each.kind is Kind.PHONE]
        seen = all(each.rang != NEVER and not each.rang[0] for each in rung)
        rung.sort(key=lambda each: _at(each.rang if seen else each.born))
        return [self._leg(each) for each in rung]

    def _leg(self, phone: Channel) -> Leg:
        answered, ended = known(phone.up), known(phone.gone)
        rang = known(phone.rang)
        if answered is not None:
            result, ended_by = "answered", "employee" if self._hung_up(phone) else "other side"
        elif phone.refused:
            result, ended_by = "refused", "refused"
        else:
            result, ended_by = "no answer", "cancelled"
        shown = phone.shown or self._caller_of(phone)
        return Leg(
            _reachable(phone), rang if rang is not None else known(phone.born), answered, ended, result, ended_by, shown
        )

    def _hung_up(self, phone: Channel) -> bool:
        """Whether the employee hung up: also by passing the client on with the phone, which then lays itself down."""
        passed_on = any(each.by == phone.uid and each.by_phone for each in self.call.transfers)
        return phone.asked != NEVER or passed_on

    def _caller_of(self, phone: Channel) -> str:
        """Whose number a phone shows that nobody saw ringing: of the first channel of the call it was rung by."""
        same = (each for each in self.people if each.first_linkedid == phone.first_linkedid)
        first = min(same, key=lambda each: _at(each.born))
        if first is phone:
            return next((text for text in phone.numbers if is_outside(text)), "")
        return next(iter(first.numbers), "")

    # --- why it was lost, and what it waited with ------------------------------------------------

    def _loss_reason(self) -> str:
        asked = self.client.asked if self.client is not None else NEVER
        moment = self.end - (LOGGED_AT_ONCE if asked != NEVER and asked[0] else AT_ONCE)
        rings = [span for each in self.phones if (span := talks.ring(each, float("inf"))) is not None]
        if any(begin <= self.end and end > moment for begin, end in rings):
            return "ringing_manager"
        return "waiting_queue" if any(a <= self.end and b > moment for a, b in self.queues()) else "listening_ivr"

    def queues(self) -> talks.Spans:
        """When the client was in a queue."""
        spans: talks.Spans = []
        since: float | None = None
        for step in sorted(self.client.queues if self.client is not None else [], key=lambda step: step.at):
            if step.enters:
                since = step.at if since is None else since
            elif since is not None:
                spans.append((since, step.at))
                since = None
        return [*spans, (since, float("inf"))] if since is not None else spans

    def _waits(self, answered: float | None) -> Waits:
        end = self.end if answered is None else answered
        rings = [span for each in self.phones if (span := talks.ring(each, end)) is not None]
        ringing = talks.length(talks.within(rings, self.started, end))
        queued = talks.within(self.queues(), self.started, end)
        both = talks.length([*queued, *talks.within(rings, self.started, end)])
        return Waits(max(0.0, end - self.started - both), max(0.0, both - ringing), ringing)

    # --- passing on, recordings ------------------------------------------------------------------

    def _transfers(self) -> list[PassedOn]:
        return [
            PassedOn(
                _reachable(by), each.to, each.kind, "phone" if each.by_phone else "ami", self._outcome(each.at, by)
            )
            for each in sorted(self.call.transfers, key=lambda each: each.at)
            if (by := self.channels.get(each.by)) is not None
        ]

    def _outcome(self, at: float, by: Channel) -> str:
        """Who had the client after a transfer."""
        after = [each for each in self.talkers if each is not by and self.talks[each.uid][1] >= at - AROUND]
        if not after:
            return "lost"
        following = min(after, key=lambda each: max(self.talks[each.uid][0], at))
        return "returned" if _reachable(following) == _reachable(by) else "answered"

    def _recordings(self) -> tuple[Recording, ...]:
        return tuple(
            Recording(path, self._recorded(uid)) for path, uid in self.call.recordings.items() if uid in self.channels
        )

    def _recorded(self, uid: str) -> float:
        """Seconds for which a channel was recorded while it was in a bridge: alone it is not recorded."""
        channel = self.channels[uid]
        end = min(_at(channel.gone), self.end)
        starts = [step.at for step in self.call.recorded if step.place == uid and step.enters]
        stops = [step.at for step in self.call.recorded if step.place == uid and not step.enters]
        inside: talks.Spans = []
        since: tuple[str, float] | None = None
        for step in sorted(channel.bridges, key=lambda step: step.at):
            if since is not None and (step.enters or step.place == since[0]):
                inside.append((since[1], step.at))
                since = None
            if step.enters:
                since = step.place, step.at
        if since is not None:
            inside.append((since[1], end))
        begin = min(starts, default=self.started)
        return talks.length(talks.within(inside, begin, max(stops, default=end)))


def _at(moment: tuple[bool, float]) -> float:
    return moment[1]


def _reachable(channel: Channel) -> str:
    """Whom a channel is: the extension, or the number that was dialled outside."""
    if channel.kind is Kind.TRUNK and channel.numbers:
        return channel.numbers[0]
    return endpoint(channel.name)
