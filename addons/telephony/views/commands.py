"""The commands of telephony: ``forecourt telephony …``, and ``forecourt pbx check``."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.jobs import Job, jobs
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.settings import Finding
from core import instance_database, system

if TYPE_CHECKING:
    from addons.telephony.services.playing import Cast, Exchange
    from addons.telephony.services.replaying import Recording

DEFAULT_INSTANCE = "var"
LINKED_WITHIN = 60.0
TOGETHER = 100
"""Calls of a recording that are stored in one transaction."""
AFTERWARDS = 3.0
"""Seconds in which the end of the last call is heard."""
REPLAYED = "recording"
"""The exchange of recordings that name none."""


def _classes(_context: click.Context, _option: click.Parameter, typed: str) -> list[str]:
    """The classes of events that were typed, each of them one that there is."""
    named = [each.strip().lower() for each in typed.split(",") if each.strip()]
    unknown = [each for each in named if each not in replaying.CLASSES]
    if unknown:
        raise click.BadParameter(f"no such class: {', '.join(unknown)}. There are {', '.join(replaying.CLASSES)}.")
    return named


@click.command()
@click.argument("stream", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--classes",
    default="",
    callback=_classes,
    help="Only events that a user who may read these classes gets (call,agent).",
)
@click.option("--trunk", "trunks", multiple=True, help="Endpoint of a provider's line; may be given again.")
@click.option("--phone", "phones", multiple=True, help="Endpoint of an employee's phone; may be given again.")
@click.option("--pbx", default=REPLAYED, help="Name of the exchange that the stream is of.", show_default=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Only tell what is known of the calls, as JSON; nothing is stored."
)
@click.pass_context
def replay(
    context: click.Context,
    stream: Path,
    classes: list[str],
    trunks: tuple[str, ...],
    phones: tuple[str, ...],
    pbx: str,
    as_json: bool,
) -> None:
    """The calls of a recorded manager interface (AMI) stream, as the link to the exchange would have made them.

    With --json they are told on standard output, and no instance is needed. Without it they are stored in the instance, and a
    table of them is shown.

    STREAM is NAME.ami; NAME.times, NAME.2.ami and further connections, NAME.snapshots.jsonl and NAME.cel.csv beside it are
    read too. Each call is stored once, however often its stream is replayed. Endpoints that are not named are told apart by
    their names: short numbers are phones. It ends with 1 when a call could not be stored, or STREAM is no such recording.
    """
    calls = replaying.reduce(_recording(stream), classes, Endpoints.named(trunks, phones))
    if as_json:
        click.echo(json.dumps(form.document(jobs(calls)), ensure_ascii=False, indent=1))
        return
    new, known, refused = _store(context, pbx, jobs(calls))
    for line in form.table(jobs(calls)):
        click.echo(line)
    click.echo(f"stored: {new} new, {known} known" + (f", {refused} refused: see the log" if refused else ""))
    if refused:
        context.exit(1)


def _recording(stream: Path) -> Recording:
    """A recording; what is doubtful about it is told beside the answer.

    :raises click.ClickException: when it is none.
    """
    found = replaying.read(stream)
    if not found.is_of_manager:
        raise click.ClickException(f"{stream}: this is no recording of a manager interface.")
    doubts = [*found.doubts, *([] if found.has_events else [f"{stream.name}: there is no event in it"])]
    for doubt in doubts:
        click.echo(f"Warning: {doubt}", err=True)
    return found


@click.command("demo-calls")
@click.option("--once", is_flag=True, help="Each recorded call once, then stop.")
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 1000),
    default=1.0,
    show_default=True,
    help="So many times faster; less than 1 is slower.",
)
@click.option("--pause", type=click.FloatRange(0, 3600), default=15.0, show_default=True, help="Seconds between calls.")
@click.pass_context
def demo_calls(context: click.Context, once: bool, speed: float, pause: float) -> None:
    """Let recorded calls happen in a demonstration that runs, again and again."""
    from addons.telephony.services import playing

    folder = Path(context.obj or DEFAULT_INSTANCE) / "demo-recordings"
    with instance_database(context) as database, playing.exchange() as exchange:
        with database.writing(system("demonstration of calls")) as session:
            playing.link(session, exchange.port, exchange.secret, folder)
            cast = playing.cast_of(session)
        try:
            click.echo("Waiting for the instance to be linked: «forecourt run» has to run beside this. Ctrl+C ends it.")
            if not exchange.wait_for_link(LINKED_WITHIN):
                raise click.ClickException("Nobody was linked. Does «forecourt run» serve this instance?")
            _play(exchange, cast, folder, once=once, speed=speed, pause=pause)
        except KeyboardInterrupt:
            click.echo()
        finally:
            with database.writing(system("demonstration of calls")) as session:
                playing.unlink(session)


def _play(exchange: Exchange, cast: Cast, folder: Path, *, once: bool, speed: float, pause: float) -> None:
    """The recorded calls one after the other, each with other people."""
    from addons.telephony.services import playing

    random = Random()  # noqa: S311 - who calls in a demonstration is no secret
    while True:
        for call in map(playing.ringing, playing.recorded()):
            people, client = cast.of(call, random)
            click.echo(f"{datetime.now():%H:%M:%S}  {call.name}  {client}")  # noqa: DTZ005 - for whoever sits at this clock
            told = list(playing.as_now(call, time.time(), people, client))
            exchange.play(told, speed)
            playing.record(told, folder)
            time.sleep(pause / speed)
        if once:
            time.sleep(AFTERWARDS)
            return


@click.command()
@click.argument("name", required=False)
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True, help="Of what is found.")
@click.pass_context
def check(context: click.Context, name: str | None, language: str) -> None:
    """Tell what an exchange lacks for its link: rights, events, its log, recordings, endpoints.

    NAME is the exchange's title in its record; without it all that are in use are checked. Whatever is missing is told with
    the lines that mend it and the file of Asterisk that they belong into. It ends with 1 when something is missing.
    """
    from addons.telephony.services import exchanges
    from addons.telephony.services.link import checking

    good = True
    with instance_database(context) as database, database.reading(system("pbx check")) as session:
        for exchange in exchanges.to_check(session, name):
            click.echo(f"{exchange.name} ({exchange.host}:{exchange.port})" if exchange.host else exchange.name)
            for finding in checking.check(exchange):
                click.echo(_told(finding, session.words(language, finding.words) % dict(finding.values)))
                good = good and finding.good
    if not good:
        context.exit(1)


def _told(finding: Finding, words: str) -> str:
    lines = [f"  {'ok' if finding.good else '!!'}  {words}"]
    if finding.lines:
        lines += [f"      {finding.file}:", *(f"        {line}" for line in finding.lines)]
    return "\n".join(lines)


def _store(context: click.Context, pbx: str, told: Sequence[Job]) -> tuple[int, int, int]:
    """How many of the calls were new to the instance, how many it had already, and how many it could not store."""
    from addons.telephony.services import keeping, registering
    from addons.telephony.services.exchanges import recorded_exchange

    new = known = refused = 0
    with instance_database(context) as database:
        for begin in range(0, len(told), TOGETHER):
            with database.writing(system("telephony replay")) as session:
                stored = keeping.record(session, recorded_exchange(session, pbx).id, told[begin : begin + TOGETHER])
            new, refused = new + len(stored.new), refused + stored.refused
            known += len(stored.changed) + len(stored.unchanged)
        with database.reading(system("telephony replay")) as session:
            due = registering.count_due(session)
        for _ in range(0, due + 1, registering.BATCH):  # not until none are due: what fails is due again in a minute
            with database.writing(system("telephony replay")) as session:
                registering.register_due(session)
    return new, known, refused
