"""``forecourt pbx check``: what an exchange lacks, in words, with the lines that mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from addons.telephony.models import Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.settings import MAPPING, Found, Sections, findings
from core.cli import main
from tests.pbx.server import SECRET
from tests.pbx.server import Pbx as Asterisk
from tests.support.dealership import Dealership
from tests.telephony.manager import Manager, Part

RIGHT: Mapping[str, Sections] = {
    "manager.conf": {
        "general": {"timestampevents": "yes"},
        "crm": {"read": "call,agent,reporting", "write": "all", "writetimeout": "5000"},
    },
    "cel.conf": {
        "general": {"enable": "yes", "events": "ALL", "apps": "dial,queue,mixmonitor", "dateformat": "%F %T.%6q"},
        "manager": {"enabled": "yes"},
    },
    "cel_custom.conf": {"mappings": {"cel.csv": MAPPING}},
    "asterisk.conf": {},
}
ACTIONS = frozenset({"Status", "CoreShowChannels", "QueueStatus", "Originate", "BlindTransfer", "Atxfer", "Hangup"})
FOUND = Found("crm", RIGHT, ACTIONS, frozenset({"cel_custom"}), ("101", "102", "trunk"))


def without(file: str, section: str, name: str, value: str | None = None) -> Found:
    """The right settings but for one."""
    settings = {**RIGHT[file][section], name: value or ""}
    return replace(FOUND, files={**RIGHT, file: {**RIGHT[file], section: settings}})


def lacking(found: Found, endpoints: Endpoints | None = None) -> list[tuple[str, str]]:
    """The files and the last lines that mend what is missing."""
    missing = [each for each in findings(found, endpoints or Endpoints()) if not each.good]
    return [(each.file, each.lines[-1] if each.lines else "") for each in missing]


def test_where_all_is_right_nothing_is_missing() -> None:
    assert lacking(FOUND) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (without("manager.conf", "crm", "read", "call"), ("manager.conf", "read = agent,call,reporting")),
        (without("manager.conf", "general", "timestampevents"), ("manager.conf", "timestampevents = yes")),
        (without("manager.conf", "crm", "writetimeout", "100"), ("manager.conf", "writetimeout = 5000")),
        (without("cel.conf", "general", "enable", "no"), ("cel.conf", "enable = yes")),
        (without("cel.conf", "general", "events", "CHAN_START,CHAN_END"), ("cel.conf", "events = ALL")),
        (without("cel.conf", "general", "apps", "dial"), ("cel.conf", "apps = dial,queue,mixmonitor")),
        (without("cel.conf", "general", "dateformat"), ("cel.conf", "dateformat = %F %T.%6q")),
        (without("cel.conf", "manager", "enabled"), ("cel.conf", "enabled = yes")),
        (
            without("cel_custom.conf", "mappings", "cel.csv", "${eventtype}"),
            ("cel_custom.conf", f"cel.csv => {MAPPING}"),
        ),
        (replace(FOUND, modules=frozenset()), ("modules.conf", "load = cel_custom.so")),
        (replace(FOUND, actions=ACTIONS - {"Status"}), ("manager.conf", "write = reporting")),
        (replace(FOUND, actions=ACTIONS - {"Atxfer"}), ("manager.conf", "write = reporting,call")),
        (replace(FOUND, endpoints=None), ("", "")),
        (replace(FOUND, endpoints=("101", "102")), ("", "")),
    ],
)
def test_what_is_missing_is_told_with_the_line_that_mends_it(found: Found, expected: tuple[str, str]) -> None:
    assert lacking(found) == [expected]


def test_what_a_user_gets_cannot_be_asked_by_one_who_may_read_no_settings() -> None:
    assert lacking(replace(FOUND, files=dict.fromkeys(RIGHT))) == [
        ("manager.conf", "write = system,reporting,call,originate"),
        ("manager.conf", "read = call,agent,reporting"),
    ]


def test_endpoints_that_there_are_not_are_told() -> None:
    assert lacking(FOUND, Endpoints.named(trunks=["0027"])) == [("", "")]


def typed(dealership: Dealership, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("FORECOURT_DATABASE", dealership.config.database)
    return CliRunner().invoke(main, ["-i", str(dealership.config.instance), "pbx", "check", *arguments])


def add(dealership: Dealership, port: int, account: str, log: Path | str) -> None:
    with dealership.session() as session:
        pbx = Pbx(name=account, host="127.0.0.1", port=port, account=account, log=str(log))
        session.add(pbx)
        session.flush()
        exchanges.set_secret(session, pbx, SECRET)


def test_an_exchange_that_is_away_is_told(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    add(dealership, 1, "crm", "")
    result = typed(dealership, monkeypatch, "--language", "ru")
    assert result.exit_code == 1
    assert "Там никто не отвечает" in result.output
    assert "manager.conf" in result.output


def test_where_there_is_nothing_to_check_it_says_so(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    none = typed(dealership, monkeypatch)
    assert (none.exit_code, "no exchange to check" in none.output) == (1, True), none.output
    with dealership.session() as session:
        session.add(Pbx(name="demo", host=""))
    nowhere = typed(dealership, monkeypatch, "demo")
    assert (nowhere.exit_code, "manager.conf" in nowhere.output) == (1, False)
    assert "says no host" in nowhere.output


def test_the_log_of_an_exchange_without_a_call(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cel-custom").mkdir()
    answers = {name: [{"Response": "Error"}] for name in ("GetConfig", "ModuleCheck", "PJSIPShowEndpoints")}
    with Manager(Part(answers=answers)) as manager:
        add(dealership, manager.port, "fresh", tmp_path)
        add(dealership, manager.port, "elsewhere", tmp_path / "nowhere")
        add(dealership, manager.port, "usual", "/var/log/asterisk/cel-custom/cel.csv")
        told = [typed(dealership, monkeypatch, name).output for name in ("fresh", "elsewhere", "usual")]
    assert "ok  Nothing is logged yet" in told[0]
    assert "an exchange usually has it in /var/log/asterisk/cel-custom/cel.csv" in told[1]
    assert told[2].count("/var/log/asterisk/cel-custom/cel.csv") == 1


def test_an_exchange_that_there_is_not_is_told(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    result = typed(dealership, monkeypatch, "nowhere")
    assert result.exit_code == 1
    assert "nowhere" in result.output or "no exchange" in result.output


@pytest.mark.parametrize("version", ["22", "16"])
def test_a_real_exchange(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch, asterisk: Callable[[str], Asterisk], version: str
) -> None:
    exchange = asterisk(version)
    (exchange.log / "cel-custom/cel.csv").touch()
    add(dealership, exchange.ami_port, "forecourt", exchange.log)
    add(dealership, exchange.ami_port, "poor", "")
    well = typed(dealership, monkeypatch, "forecourt")
    assert (well.exit_code, "!!" in well.output) == (0, False), well.output
    assert "Phones: 101, 102" in well.output
    poorly = typed(dealership, monkeypatch, "poor", "--language", "ru")
    assert poorly.exit_code == 1
    for each in (
        "Настройки Asterisk прочитать нельзя",
        "write = reporting,call,originate",
        "не сказано, где её журнал",
    ):
        assert each in poorly.output
    assert SECRET not in well.output + poorly.output
