"""The commands of the palette: what each person may do, found by name."""

from __future__ import annotations

from core.access.policy import Access, Scope
from core.text.catalogues import Catalogue
from core.web.commands import Command, commands, matching
from core.web.i18n import Translator
from core.web.menu import MenuItem

TRANSLATE = Translator("en", Catalogue(()))
MENU = [
    MenuItem("reception", "Reception", "headset", "contacts.reception", "contacts.reception.read", letter="KeyR"),
    MenuItem("clients", "Clients", "users", "contacts.clients", "contacts.customer.read"),
]


def of(*rights: str) -> list[Command]:
    access = Access(user_id=1, grants=dict.fromkeys(rights, Scope.ALL))
    return commands(MENU, [], access, TRANSLATE)


def test_places_of_the_rail_by_right_with_their_letters() -> None:
    """S0-01: a person goes only where his role leads."""
    places = [command for command in of("contacts.reception.read") if command.endpoint.startswith("contacts.")]
    assert [(place.title, place.keys) for place in places] == [("Reception", ("G", "R"))]


def test_ones_own_pages_are_always_there() -> None:
    assert {command.endpoint for command in of()} == {
        "core.notifications",
        "core.profile",
        "core.security",
        "core.keys",
    }


def test_found_by_a_part_of_the_name_and_in_the_other_layout() -> None:
    every = of("contacts.reception.read", "contacts.customer.read")
    assert [command.title for command, _ in matching(every, "cli")] == ["Clients"]
    assert [command.title for command, _ in matching(every, "сдшутеы")] == ["Clients"]
    assert matching(every, "nothing of the kind") == []


def test_all_of_them_while_nothing_is_typed() -> None:
    every = of("contacts.customer.read")
    assert [command for command, _ in matching(every, "")] == every


def test_the_english_name_is_known_in_every_language() -> None:
    command = Command("Клиенты", "users", "contacts.clients", other="Clients")
    assert matching([command], "clients")[0][0] is command
