"""The rights tables: read, checked, gathered, printed (SEC-1, SEC-12, SEC-17, X-07)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.access.policy import Scope
from core.access.rights import Catalogue, RightsError, RightsTable, gather, load, parse
from tests.access.firm import CORE_RIGHTS, catalogue

SHOP = """
[roles.seller]
title_ru = "Продавец"
title_en = "Seller"

[things.order]
title_ru = "Заказ"
title_en = "Order"
actions = "read change export approve"
named.approve = { title_ru = "Утверждать", title_en = "Approve" }
scopes = "own department all"
second_factor = "approve"

[grants.order]
seller = { own = "change", all = "read" }
administrator = { all = "*" }

[grants."core.task"]
seller = { department = "read" }
"""


def table(text: str, addon: str = "shop") -> RightsTable:
    return parse(tomllib.loads(text), addon)


def mistakes(text: str) -> list[str]:
    with pytest.raises(RightsError) as refused:
        table(text)
    return refused.value.mistakes


def with_shop(text: str = SHOP) -> Catalogue:
    return gather([load(CORE_RIGHTS, "core"), table(text)])


def test_x_07_a_table_says_who_may_do_what_and_how_far() -> None:
    rights = with_shop()
    assert rights.grants["seller"] == {
        "shop.order.read": Scope.ALL,
        "shop.order.change": Scope.OWN,
        "core.task.read": Scope.DEPARTMENT,
    }
    assert rights.scope("seller", "shop.order.approve") == Scope.NONE
    assert rights.scope("seller", "core.profile.change") == Scope.OWN, "from the role everybody has"
    assert rights.rights["shop.order.approve"].title_ru == "Утверждать"
    assert rights.rights["shop.order.read"].title_en == "See"
    assert rights.rights["shop.order.read"].scopes == (Scope.OWN, Scope.DEPARTMENT, Scope.ALL)


def test_x_07_an_addon_extends_the_administrator_of_core() -> None:
    granted = with_shop().grants["administrator"]
    assert {granted[f"shop.order.{action}"] for action in ("read", "change", "export", "approve")} == {Scope.ALL}


def test_sec_17_exports_and_named_actions_need_the_second_factor() -> None:
    guarded = with_shop().guarded_rights
    assert {"shop.order.export", "shop.order.approve", "core.role.change"} <= guarded
    assert "shop.order.read" not in guarded


def test_sec_12_the_matrix_is_complete_and_always_the_same() -> None:
    rights = with_shop()
    matrix = rights.as_matrix()
    assert matrix == with_shop().as_matrix()
    assert matrix.startswith("## core\n")
    assert "| `shop.order.change` | Order: Change | all | own |" in matrix
    assert "| `shop.order.approve` | Order: Approve † | all | · |" in matrix
    assert "Заказ: Утверждать" in rights.as_matrix("ru")


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    told = mistakes(
        """
        extra = 1
        [roles.Seller]
        title_ru = "x"
        [roles.buyer]
        title_ru = "x"
        colour = "red"
        everyone = "yes"
        [things.order]
        title_en = " "
        actions = "read read fly Fly"
        scopes = "own galaxy"
        second_factor = "land"
        named.land = { title_ru = "x", title_en = "y" }
        named.fly = "x"
        [things.nothing]
        title_ru = "x"
        title_en = "x"
        [things.odd]
        title_ru = "x"
        title_en = "x"
        actions = ["read"]
        [grants.order]
        buyer = { galaxy = "read", own = "swim" }
        seller = "all"
        """
    )
    assert told == [
        "shop: unknown key 'extra'",
        "shop: roles.Seller: names are lower-case Latin letters, digits and _",
        "shop: roles.buyer: unknown key 'colour'",
        "shop: roles.buyer: title_en is missing",
        "shop: roles.buyer: everyone must be true or false",
        "shop: things.order: title_ru is missing",
        "shop: things.order: title_en is missing",
        "shop: things.order: actions names 'read' twice",
        "shop: things.order: action 'Fly': names are lower-case Latin letters, digits and _",
        "shop: things.order: named.land is no action",
        "shop: things.order: named.fly must have title_ru and title_en",
        "shop: things.order: 'galaxy' is no scope: own, department, branch, all",
        "shop: things.order: second_factor names 'land', which is no action",
        "shop: things.nothing: actions are missing",
        "shop: things.odd: actions must be words with spaces between them",
        "shop: things.odd: actions are missing",
        "shop: grants.order.buyer: 'galaxy' is no scope: own, department, branch, all",
        "shop: grants.order.buyer: 'swim' is no action of shop.order",
        'shop: grants.order.seller: must be like { own = "read change" }',
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("seller = { department", "buyer = { department"), "shop: grants.core.task.buyer: unknown role"),
        (
            ('department = "read" }', 'department = "fly" }'),
            "shop: grants.core.task.seller: core.task has no action 'fly'",
        ),
        (("core.task", "core.sign_in"), "shop: grants.core.sign_in.seller: department has no meaning for core.sign_in"),
        (("core.task", "moon.base"), "shop: grants.moon.base.seller: moon.base has no action 'read'"),
        (
            ("seller = { department", "supervisor = { department"),
            "shop: grants.core.task.supervisor: neither the thing nor the role is shop's",
        ),
        (("roles.seller", "roles.staff"), "shop: role 'staff' is core's"),
        (
            ('own = "change"', 'branch = "change"'),
            "shop: grants.shop.order.seller: branch has no meaning for shop.order",
        ),
    ],
)
def test_what_only_shows_beside_the_other_tables_is_told_too(changed: tuple[str, str], told: str) -> None:
    with pytest.raises(RightsError) as refused:
        with_shop(SHOP.replace(*changed))
    assert told in refused.value.mistakes


@pytest.mark.parametrize("text", ["things = 1", "[things]\norder = 1", "[grants]\norder = 1", "roles = []"])
def test_what_is_no_table_is_told(text: str) -> None:
    assert all("must be a table" in told for told in mistakes(text))


def test_a_file_that_cannot_be_read_is_a_mistake_too(tmp_path: Path) -> None:
    path = tmp_path / "rights.toml"
    with pytest.raises(RightsError):
        load(path, "shop")
    path.write_text("[things", encoding="utf-8")
    with pytest.raises(RightsError, match=r"shop: rights\.toml"):
        load(path, "shop")
    path.write_bytes(b"\xff")
    with pytest.raises(RightsError):
        load(path, "shop")


# --- core's own table ----------------------------------------------------------------------------


def test_sec_1_nothing_that_is_not_granted_is_allowed() -> None:
    rights = catalogue()
    may = {right for right in rights.rights if rights.scope("staff", right) > Scope.NONE}
    running = ("user", "role", "branch", "department", "addon", "setting", "audit", "job", "backup", "health", "api")
    assert {right for right in may if right.split(".")[1] in running} == {
        "core.user.read",
        "core.branch.read",
        "core.department.read",
    }


def test_the_administrator_has_everything_in_core_as_far_as_it_reaches() -> None:
    rights = catalogue()
    short = {name for name, right in rights.rights.items() if rights.scope("administrator", name) != max(right.scopes)}
    assert short == {"core.api_token.create"}, "nobody makes a token in another's name"


def test_every_right_has_titles_in_both_languages_and_a_role() -> None:
    rights = catalogue()
    granted = {right for grants in rights.grants.values() for right in grants}
    assert granted == set(rights.rights)
    for right in rights.rights.values():
        assert all([right.title_ru, right.title_en, right.thing_title_ru, right.thing_title_en])


def test_exactly_one_role_is_everybodys() -> None:
    assert [code for code, role in catalogue().roles.items() if role.everyone] == ["staff"]
