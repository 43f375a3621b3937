"""API tokens as an administrator sees them: whose, since when, revoked one by one or many (SEC-21)."""

from __future__ import annotations

import re

from sqlalchemy import select

from core.access.models import ApiToken
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visit


def test_tokens_are_listed_and_revoked(visit: Visit, dealership: Dealership) -> None:
    admin = visit("admin")
    made = admin.post("/profile/security/tokens", {"name": "Сайт", "lasts": "30", "current_password": PASSWORD})
    assert made.status_code == 200
    page = admin.get("/admin/tokens").text
    assert "Сайт" in page
    assert re.search(r'href="/profile/security"[^>]*>.*Мои ключи', page)
    with dealership.session() as session:
        token = session.scalars(select(ApiToken)).one()
    assert token.token_hash not in page
    assert token.token_hash not in admin.get(f"/admin/tokens/{token.id}").text
    done = admin.post("/admin/tokens/bulk/revoke", {"id": str(token.id), "query": "", "answered": "1"})
    assert done.status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(ApiToken.revoked_at)).one() is not None
    assert visit("lebedeva").get("/admin/tokens").status_code == 403
