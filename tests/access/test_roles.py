"""Shipped roles in the database: kept up to date, edits kept, nothing removed."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.access.models import Role
from core.access.policy import Access, Scope, system
from core.access.rights import Catalogue, gather, load, parse
from core.access.roles import NONE, Kept, edit_grants, merge, sync_roles
from core.errors import Forbidden
from tests.access.firm import CORE_RIGHTS, Firm, catalogue

SCOPES = ["own", "department", "branch", "all"]
GRANTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(SCOPES))


def shop(**scopes: str) -> Catalogue:
    """Core with an addon whose buyer has these actions on orders at these scopes."""
    grants = "\n".join(f'{scope} = "{action}"' for action, scope in scopes.items())
    text = f"""
    [roles.buyer]
    title_ru = "Закупщик"
    title_en = "Buyer"
    [things.order]
    title_ru = "Заказ"
    title_en = "Order"
    actions = "read change delete"
    scopes = "own department branch all"
    [grants.order.buyer]
    {grants}
    """
    return gather([load(CORE_RIGHTS, "core"), parse(tomllib.loads(text), "shop")])


def sync(firm: Firm, rights: Catalogue) -> list[Kept]:
    with firm.database.writing(system("upgrade")) as session:
        return sync_roles(session, rights)


def edit(firm: Firm, rights: Catalogue, **scopes: str) -> None:
    with firm.database.writing(system("test")) as session:
        edit_grants(session, find(session, "buyer"), {f"shop.order.{a}": scope for a, scope in scopes.items()}, rights)


def find(session: object, code: str) -> Role:
    return session.scalars(select(Role).where(Role.code == code)).one()  # type: ignore[attr-defined, no-any-return]


def grants(firm: Firm, code: str = "buyer") -> dict[str, str]:
    with firm.database.reading(system("test")) as session:
        return {right.rpartition(".")[2]: scope for right, scope in find(session, code).grants.items()}


def test_new_roles_come_with_their_defaults(firm: Firm) -> None:
    assert sync(firm, shop(read="all", change="own")) == []
    assert grants(firm) == {"read": "all", "change": "own"}


def test_doing_it_again_changes_nothing(firm: Firm) -> None:
    rights = shop(read="all")
    sync(firm, rights)
    with firm.database.reading(system("test")) as session:
        before = [(role.code, role.version) for role in session.scalars(select(Role).order_by(Role.id))]
    sync(firm, rights)
    with firm.database.reading(system("test")) as session:
        assert before == [(role.code, role.version) for role in session.scalars(select(Role).order_by(Role.id))]


def test_untouched_rights_follow_the_defaults(firm: Firm) -> None:
    sync(firm, shop(read="all", change="own"))
    assert sync(firm, shop(read="branch", delete="own")) == []
    assert grants(firm) == {"read": "branch", "delete": "own"}


def test_edited_rights_stay_and_are_reported_when_the_default_moves(firm: Firm) -> None:
    first = shop(read="all", change="own")
    sync(firm, first)
    edit(firm, first, read="own", delete="all", change=NONE)
    assert grants(firm) == {"read": "own", "delete": "all"}
    assert sync(firm, first) == []
    assert sync(firm, shop(read="branch", change="department", delete="all")) == [
        Kept("buyer", "shop.order.change", NONE, "department"),
        Kept("buyer", "shop.order.read", "own", "branch"),
    ]
    assert grants(firm) == {"read": "own", "delete": "all"}


def test_roles_and_rights_of_an_addon_that_is_away_stay(firm: Firm) -> None:
    sync(firm, shop(read="all"))
    assert sync(firm, catalogue()) == []
    assert grants(firm) == {"read": "all"}
    assert grants(firm, "seller") == {}


def test_editing_needs_the_right_and_a_right_that_exists(firm: Firm) -> None:
    rights = shop(read="all")
    sync(firm, rights)
    with firm.database.writing(Access(1, grants={"core.role.read": Scope.ALL})) as session, pytest.raises(Forbidden):
        edit_grants(session, find(session, "buyer"), {}, rights)
    for unknown in ({"fly": "all"}, {"read": "galaxy"}):
        with pytest.raises(KeyError):
            edit(firm, rights, **unknown)


def test_a_role_with_an_unknown_scope_cannot_be_stored() -> None:
    with pytest.raises(ValueError):
        Role(code="x", grants={"a": "galaxy"})


@given(GRANTS, GRANTS, GRANTS)
def test_merging_keeps_every_edit_and_takes_every_other_default(
    mine: dict[str, str], before: dict[str, str], after: dict[str, str]
) -> None:
    merged, kept = merge(mine, before, after, "abcd")
    for right in "abcd":
        edited = mine.get(right) != before.get(right)
        assert merged.get(right) == (mine if edited else after).get(right)
    moved = {right for right in "abcd" if before.get(right) != after.get(right)}
    assert set(kept) == {r for r in moved if mine.get(r) not in (before.get(r), after.get(r))}
