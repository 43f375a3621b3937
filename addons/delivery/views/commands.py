"""The commands of delivery: ``forecourt delivery …``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from addons.delivery.address import Address, parse


@click.command()
@click.argument("texts", metavar="[ADDRESS]...", nargs=-1)
@click.option("--home-city", default="", help="Assumed where an address says no town; without the word for «town».")
@click.option("--home-region", default="", help="Assumed where an address says no region; without its type.")
@click.option("--home-region-type", default="", help="The type of that region, short: обл, край, респ.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each address.")
def split(texts: tuple[str, ...], home_city: str, home_region: str, home_region_type: str, as_json: bool) -> None:
    """Tell into which fields addresses are split (S4-52).

    Each ADDRESS is one, in quotes; without any, each line of the standard input is. Nothing is stored.
    """
    home = {"home_city": home_city, "home_region": home_region, "home_region_type": home_region_type}
    for text in texts or map(str.strip, sys.stdin):
        address = parse(text, {name: value for name, value in home.items() if value})
        if as_json:
            click.echo(json.dumps({"text": text, **address}, ensure_ascii=False))
            continue
        click.echo(text)
        for line in _lines(address):
            click.echo(line)


def _lines(address: Address) -> Iterator[str]:
    """Each field with the words it was read from, or why it stands there."""
    for name, part in address.parts.items():
        told = f"«{address.words(name)}»" if part.span else "assumed" if part.assumed else "from other fields"
        choice = f", one of: {', '.join(part.candidates)}" if part.candidates else ""
        yield f"  {name:<22}{part.value or '?':<32}{told}{choice}"
