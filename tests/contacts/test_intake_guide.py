"""docs/intake.md cannot lie about the signature, the addresses and the limits."""

from __future__ import annotations

import re

from addons.contacts.services.intake import limits, receiving, signing, telegram, whatsapp
from addons.contacts.views import intake
from core.web.app import Application
from tests.support.addons import ROOT

GUIDE = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")


def test_the_signature_to_compare_with_is_right() -> None:
    found = re.search(
        r"secret `(?P<secret>\S+)`, the id `(?P<id>\S+)`, the time `(?P<at>\d+)` and the body\s+`(?P<body>[^`]+)` "
        r"the header is `(?P<signature>\S+)`",
        GUIDE,
    )
    assert found is not None
    said = signing.signature(found["secret"], found["id"], found["at"], found["body"].encode())
    assert said == found["signature"]


def test_the_addresses_are_served(app: Application) -> None:
    served = app.router.map.bind("")
    for path in ("/intake/0123456789abcdef", *re.findall(r"`(/crm\S*\.php)`", GUIDE)):
        endpoint, _ = served.match(path, "POST")
        assert app.router.routes[endpoint].signed


def test_the_limits_are_those_in_force() -> None:
    assert f"{limits.PER_MINUTE:g} a minute, {limits.BURST:g} at once" in GUIDE
    assert f"{intake.BODY_LIMIT // 1024} KiB" in GUIDE
    assert f"may differ from ours by {signing.WINDOW.total_seconds():g}" in GUIDE
    assert f"kept for {receiving.KEEP_DAYS.default} days" in GUIDE
    assert f"`{telegram.HOST}`, `{whatsapp.HOST}`" in GUIDE
