"""The commands of telephony: ``forecourt telephony …``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.names import Endpoints
from core import instance_database, system

REPLAYED = "recording"
"""The exchange of recordings that name none."""


@click.command()
@click.argument("stream", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--classes", default="", help="Only events that a user who may read these classes gets (call,agent).")
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
    classes: str,
    trunks: tuple[str, ...],
    phones: tuple[str, ...],
    pbx: str,
    as_json: bool,
) -> None:
    """Store the calls of a recorded manager interface (AMI) stream, as the link to the exchange would have done.

    STREAM is NAME.ami; NAME.times, NAME.2.ami and further connections, NAME.snapshots.jsonl and NAME.cel.csv beside it are
    read too. Each call is stored once, however often its stream is replayed. Endpoints that are not named are told apart by
    their names: short numbers are phones.
    """
    wanted = [each.strip() for each in classes.split(",") if each.strip()]
    calls = replaying.reduce(replaying.read(stream), wanted, Endpoints.named(trunks, phones))
    if as_json:
        click.echo(json.dumps(form.document(jobs(calls)), ensure_ascii=False, indent=1))
        return
    new, known = _store(context, pbx, calls)
    for line in form.table(jobs(calls)):
        click.echo(line)
    click.echo(f"stored: {new} new, {known} known")


def _store(context: click.Context, pbx: str, calls: list[Call]) -> tuple[int, int]:
    """How many of the calls were new to the instance, and how many it had already."""
    from addons.telephony.services import keeping
    from addons.telephony.services.exchanges import recorded_exchange

    with instance_database(context) as database, database.writing(system("telephony replay")) as session:
        stored = keeping.keep(session, recorded_exchange(session, pbx).id, jobs(calls))
        return len(stored.new), len(stored.changed) + len(stored.unchanged)
