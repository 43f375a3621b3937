"""What every addon with people in it has to declare, and how what is missing is found (SEC-69, SEC-70)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from addons.contacts.services import personal as contacts_personal
from addons.sales.services import personal as sales_personal
from core.db.base import Base, addon_of_table
from core.work.personal_data import Declaration, NotPersonal, PersonalData, blank, undeclared
from core.work.personal_traces import Identifiers

pytestmark = pytest.mark.addons("contacts", "sales")


class Own(DeclarativeBase):
    """A registry of its own, so that the example is no table of the program."""


class Guest(Own):
    __tablename__ = "hotel_guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    nights: Mapped[int] = mapped_column(Integer)
    wishes: Mapped[str] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)


def _guest(**changed: Any) -> PersonalData:
    fields = {"full_name": blank("Name"), "wishes": blank("Wishes"), "form": blank("Form")}
    return PersonalData(model=Guest, title="Guest", category="Name", fields=fields, **changed)  # type: ignore[arg-type]


def _all_models(addon: str) -> list[type[Base]]:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    return [model for model in models if addon_of_table(model.__tablename__) == addon]


def test_columns_that_look_personal_must_be_spoken_of() -> None:
    """SEC-70: by name, by length, free text and JSON; codes and numbers are none."""
    assert undeclared([Guest], []) == ["hotel_guest.form", "hotel_guest.full_name", "hotel_guest.wishes"]  # type: ignore[list-item]
    assert undeclared([Guest], [_guest()]) == []  # type: ignore[list-item]
    assert undeclared([Guest], [NotPersonal("why", (Guest,))]) == []  # type: ignore[list-item,arg-type]


def test_a_declared_column_has_to_exist() -> None:
    """SEC-70: a renamed column is no longer erased, and that is told."""
    declaration = _guest(exempt={"room": "no person"})
    assert undeclared([Guest], [declaration]) == ["hotel_guest.room: no such column"]  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("addon", "declarations"),
    [("contacts", contacts_personal.declarations), ("sales", sales_personal.declarations)],
)
def test_the_bundled_addons_declare_everything(addon: str, declarations: Callable[[], list[Declaration]]) -> None:
    """SEC-69, SEC-70."""
    models = _all_models(addon)
    assert models
    assert undeclared(models, declarations()) == []


def test_a_person_is_recognised_however_he_is_written() -> None:
    """SEC-70: in drafts, filters and addresses; a bare first name is nobody."""
    person = Identifiers(["Ковальчук Аглая", "+79165550143", "WDD1690321J123456", "a.k@example.ru", "Аглая"])
    for text in (
        "8 (916) 555-01-43",
        "q=%D0%9A%D0%BE%D0%B2%D0%B0%D0%BB%D1%8C%D1%87%D1%83%D0%BA+%D0%90%D0%B3%D0%BB%D0%B0%D1%8F",
        "аглая КОВАЛЬЧУК",
        "wdd1690321j123456",
        "A.K@Example.ru",
    ):
        assert person.within(text)
    assert not person.within("Аглая Сидорова, 8 916 555 01 44")
    assert not Identifiers(["Аглая", "", "12"])


@given(st.text(max_size=200))
def test_nobody_is_recognised_in_nothing(text: str) -> None:
    """SEC-70: whoever has no identifiers is found nowhere, whatever is written."""
    assert not Identifiers([]).within(text)
