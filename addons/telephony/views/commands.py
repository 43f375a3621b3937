"""The commands of telephony: ``forecourt telephony …``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.names import Endpoints


@click.command()
@click.argument("stream", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--classes", default="", help="Only events that a user who may read these classes gets (call,agent).")
@click.option("--trunk", "trunks", multiple=True, help="Endpoint of a provider's line; may be given again.")
@click.option("--phone", "phones", multiple=True, help="Endpoint of an employee's phone; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Everything that is known of the calls, as JSON.")
def replay(stream: Path, classes: str, trunks: tuple[str, ...], phones: tuple[str, ...], as_json: bool) -> None:
    """Tell which calls a recorded manager interface (AMI) stream holds.

    STREAM is NAME.ami; NAME.times, NAME.2.ami and further connections, NAME.snapshots.jsonl and NAME.cel.csv beside it are
    read too. Nothing is stored. Endpoints that are not named are told apart by their names: short numbers are phones.
    """
    wanted = [each.strip() for each in classes.split(",") if each.strip()]
    calls = replaying.reduce(replaying.read(stream), wanted, Endpoints.named(trunks, phones))
    found = jobs(calls)
    if as_json:
        click.echo(json.dumps(form.document(found), ensure_ascii=False, indent=1))
        return
    for line in form.table(found):
        click.echo(line)
