"""The address in the form of an order: split into fields, marked, checked, and never overwritten (S4-48…60)."""

from __future__ import annotations

from html import unescape
from re import search
from typing import Any

import pytest
from sqlalchemy import select

from addons.delivery.models import AddressPart
from addons.delivery.services import splitting
from addons.delivery.services.limits import HOME_CITY, HOME_REGION
from core import settings
from tests.delivery.conftest import API, BASE, add, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

ADDRESS = "спб Невский 10 кв 5, подъезд 2"


class Form:
    """The form of an order in somebody's hands: a button fills in fields, what comes back is sent again."""

    def __init__(self, visitor: Visitor, path: str = f"{BASE}/new", **fields: Any) -> None:
        self.visitor, self.path = visitor, path
        self.page = visitor.get(path).text
        self.fields = {"customer_text": "Иванов Виктор", "order_type": "person", "section.place": "1", **fields}
        for name in ("version", "was", "once"):
            if (value := self._value(name)) is not None:
                self.fields[name] = value

    def press(self, fill: str = "split", **typed: Any) -> str:
        """A button; the page that comes back, with nothing saved."""
        self.fields |= typed
        answer = self.visitor.post(self.path, {**self.fields, "fill": fill})
        assert answer.status_code == 200
        self.page = answer.text
        for name in ("address", "client_comment", "operator_comment"):
            self.fields[name] = self.area(name)
        for name in self.names():
            self.fields[name] = self._value(name) or ""
        return self.page

    def save(self, **typed: Any) -> int:
        """The number of the saved order."""
        answer = self.visitor.post(self.path, {**self.fields, **typed})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].rpartition("/")[2])

    def names(self) -> list[str]:
        """The inputs of the address."""
        from re import findall

        return findall(r'<input[^>]* name="(place-(?!checked)[^"]+)"', self.page)

    def field(self, name: str) -> str:
        """What a field of the address holds; nothing where it is not there."""
        return self._value(f"place-{name}") or ""

    def area(self, name: str) -> str:
        """What a text area holds."""
        found = search(rf'<textarea[^>]* name="{name}"[^>]*>([^<]*)</textarea>', self.page)
        return unescape(found[1]).removeprefix("\r\n").removeprefix("\n") if found else ""

    def hint(self, name: str) -> str:
        """What stands below a field."""
        found = search(rf'id="place-{name}-hint">(.*?)</div>', self.page)
        return unescape(found[1]) if found else ""

    def _value(self, name: str) -> str | None:
        found = search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', self.page)
        return unescape(found[1]) if found else None


def parts(dealership: Dealership, number: int) -> dict[str, AddressPart]:
    """The stored fields of an order's address."""
    with dealership.session() as session:
        found = list(session.scalars(select(AddressPart).where(AddressPart.order_id == number)))
        session.expunge_all()
        return {part.name: part for part in found}


def test_the_button_fills_the_fields_and_loses_nothing_s4_52_s4_53(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    assert "Разбить адрес по отдельным полям" in form.page
    form.press(address=ADDRESS, client_comment="Не звонить в дверь", window="10-13")
    assert [form.field(each) for each in ("city", "street", "house", "flat", "entrance")] == [
        "Санкт-Петербург", "Невский", "10", "5", "2",
    ]  # fmt: skip
    assert form.area("client_comment") == "Не звонить в дверь"
    assert 'value="10-13"' in form.page
    number = form.save()
    assert stored(dealership, number).address == ADDRESS
    assert parts(dealership, number)["street"].value == "Невский"


def test_additional_information_appears_with_the_fields_s4_59_s4_60(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    assert "Дополнительная информация" not in form.page
    assert "Дополнительная информация" in form.press(address=ADDRESS)
    number = form.save(**{"place-note": "Въезд с набережной"})
    assert stored(dealership, number).address_note == "Въезд с набережной"
    assert "Въезд с набережной" in operator.get(f"{BASE}/{number}").text


def test_what_the_address_did_not_say_is_filled_in_by_hand_s4_57(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    assert (form.field("entrance"), form.field("floor"), form.field("metro")) == ("2", "", "")
    number = form.save(**{"place-entrance": "3", "place-floor": "7", "place-metro": "Маяковская"})
    found = parts(dealership, number)
    assert [found[each].value for each in ("street", "entrance", "floor", "metro")] == [
        "Невский", "3", "7", "Маяковская",
    ]  # fmt: skip
    assert stored(dealership, number).address == ADDRESS


def test_each_field_shows_its_words_and_whether_it_was_guessed_s4_55(operator: Visitor) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    assert "угадано" in form.hint("city")
    assert "«спб»" in form.hint("city")
    assert "предположение" in form.hint("region")
    assert "как в адресе" in form.hint("house")
    assert "сверьте каждое поле" in form.page


def test_fields_need_a_check_until_a_named_person_confirms_s4_54(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save()
    assert all(part.confirmed_at is None for part in parts(dealership, number).values())
    card = operator.get(f"{BASE}/{number}").text
    assert "проверить" in card
    assert operator.post(f"{BASE}/{number}/address/checked").status_code == 303
    found = parts(dealership, number)
    assert {part.confirmed_by_id for part in found.values()} == {dealership.people["petukhov"]}
    assert "проверено: Петухов" in operator.get(f"{BASE}/{number}").text


def test_the_tick_in_the_form_checks_all_of_it_s4_54(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save(**{"place-checked": "y"})
    assert all(part.confirmed_by_id == dealership.people["petukhov"] for part in parts(dealership, number).values())


def test_splitting_again_overwrites_nothing_that_a_person_typed_or_checked(
    operator: Visitor, dealership: Dealership
) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save(**{"place-checked": "y"})
    again = Form(operator, f"{BASE}/{number}/edit", address=ADDRESS)
    again.fields |= {name: again._value(name) or "" for name in again.names()}
    again.press(address="Москва, ул. Мира, д. 7, кв. 1", **{"place-metro": "ВДНХ"})
    assert (again.field("city"), again.field("house"), again.field("metro")) == ("Санкт-Петербург", "10", "ВДНХ")
    assert "от прежнего адреса" in again.hint("city")
    assert "проверено" not in again.page
    fresh = Form(operator)
    fresh.press(address=ADDRESS)
    fresh.press(address="спб Невский 12", **{"place-house": "14"})
    assert fresh.field("house") == "14"
    assert "введено вручную" in fresh.hint("house")
    number = fresh.save()
    assert parts(dealership, number)["house"].confirmed_by_id == dealership.people["petukhov"]


def test_what_was_checked_for_another_address_is_checked_again_s4_54(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save(**{"place-checked": "y"})
    changed = "поля могут быть от прежнего"
    assert changed not in operator.get(f"{BASE}/{number}").text
    again = Form(operator, f"{BASE}/{number}/edit", address=ADDRESS)
    again.fields |= {name: again._value(name) or "" for name in again.names()}
    again.save(address="Москва, ул. Мира, д. 7", **{"place-split_of": ADDRESS})
    found = parts(dealership, number)
    assert found["house"].value == "10"
    assert {(part.origin, part.confirmed_at) for part in found.values()} == {("earlier", None)}
    card = operator.get(f"{BASE}/{number}").text
    assert changed in card
    assert "проверено" not in card
    last = Form(operator, f"{BASE}/{number}/edit", address="Москва, ул. Мира, д. 7")
    last.fields |= {name: last._value(name) or "" for name in last.names()}
    last.press(**{"place-checked": "y"})
    assert (last.field("city"), last.field("house")) == ("Санкт-Петербург", "10")
    assert "в адресе теперь: Москва" in last.page
    assert 'name="place-checked" value="y" checked' not in last.page
    last.press("part:city")
    assert (last.field("city"), last.field("house")) == ("Москва", "10")
    last.fields.pop("place-checked")
    last.save()
    found = parts(dealership, number)
    assert (found["city"].origin, found["city"].confirmed_at) == ("said", None)
    assert (found["house"].origin, found["house"].confirmed_at) == ("earlier", None)
    assert changed in operator.get(f"{BASE}/{number}").text
    assert operator.post(f"{BASE}/{number}/address/checked").status_code == 303
    assert changed not in operator.get(f"{BASE}/{number}").text


def test_a_city_that_was_chosen_now_is_of_no_earlier_address_s4_56(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address="Москва, ул. Мира, д. 7")
    number = form.save()
    again = Form(operator, f"{BASE}/{number}/edit", address="ул. Ленина д. 32")
    again.fields |= {name: again._value(name) or "" for name in again.names()}
    again.press()
    again.press("city:Москва")
    assert "угадано" in again.hint("city")
    assert "от прежнего" not in again.page
    again.save()
    city = parts(dealership, number)["city"]
    assert (city.value, city.origin, city.confirmed_at) == ("Москва", "guessed", None)


def test_the_region_follows_the_address_unless_a_person_chose_it(dealership: Dealership) -> None:
    sent = {"address": "Тульская обл, Тула, Мира 5", "place-region": "Москва", "place-split_of": "Москва, Мира 5"}
    with dealership.session() as session:
        for chosen, region in (("", "other"), ("moscow", "other"), ("moscow_region", None)):
            assert splitting.fill_split(session, None, {**sent, "region": chosen}).get("region") == region


def test_no_city_is_chosen_silently_s4_56(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address="ул. Ленина д. 32")
    assert form.field("city") == ""
    assert 'value="city:Москва"' in form.page
    assert 'value="city:Химки"' in form.page
    form.press("city:Химки")
    assert form.field("city") == "Химки"
    assert 'value="city:' not in form.page
    assert parts(dealership, form.save())["city"].origin == "hand"


def test_a_metro_station_narrows_the_cities_s4_58(operator: Visitor) -> None:
    form = Form(operator)
    form.press(address="ул. Ленина д. 32")
    form.press("told", **{"place-metro": "Баррикадная"})
    assert 'value="city:Москва"' in form.page
    assert 'value="city:Химки"' not in form.page


def test_the_home_city_is_assumed_only_where_it_was_said_s4_56(operator: Visitor, dealership: Dealership) -> None:
    with dealership.session() as session:
        settings.write(session, HOME_CITY, "Тула")
        settings.write(session, HOME_REGION, "Тульская")
    form = Form(operator)
    form.press(address="ул. Ленина д. 32")
    assert (form.field("city"), form.field("region")) == ("Тула", "Тульская")
    assert "предположение" in form.hint("city")


@pytest.mark.parametrize("comment", ["client_comment", "operator_comment"])
def test_remarks_are_offered_for_moving_and_the_text_is_kept_s4_50_s4_51(
    operator: Visitor, dealership: Dealership, comment: str
) -> None:
    typed = "Москва, Профсоюзная, 12, кв 48, позвонить за час"
    form = Form(operator)
    assert "Это не адрес" in form.press(address=typed)
    form.press(f"remark:{comment}", **{comment: "Было раньше"})
    assert form.area(comment).splitlines() == ["Было раньше", "позвонить за час"]
    assert form.area("address") == "Москва, Профсоюзная, 12, кв 48"
    assert "Это не адрес" not in form.page
    number = form.save()
    assert (stored(dealership, number).address_typed, stored(dealership, number).address) == (
        typed,
        "Москва, Профсоюзная, 12, кв 48",
    )


def test_a_remark_that_is_the_whole_address_is_moved_s4_51(operator: Visitor) -> None:
    form = Form(operator)
    form.press(address="позвонить за час")
    assert "Это не адрес" in form.page
    form.press("remark:client_comment")
    assert (form.area("client_comment"), form.area("address").strip()) == ("позвонить за час", "")
    assert "Это не адрес" not in form.page


def test_what_a_courier_still_needs_is_said_s4_48(operator: Visitor) -> None:
    form = Form(operator)
    page = form.press(address="Москва, Профсоюзная, 12, кв 48", method="inside_mkad")
    assert "Заполнено для курьера" in page
    said = search(r'id="address-complete">(.*?)</div>', page)
    assert said is not None
    assert "подъезд" in said[1]
    assert "улица" not in said[1]


def test_another_address_after_the_split_is_said(operator: Visitor) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    assert "Адрес изменён после разбивки" in form.press("told", address="Москва, Мира 5")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\x07Москва, \x00Мира 5", "Заполнено полей"),
        ("улица " * 1700, "не разбивается"),
        ("😀" * 300, "Ничего не распознано"),
        ("\u202eМосква\u200f, ул. Ленина, д. 5", "Заполнено полей"),
        ("Baker Street 221b, London", "Заполнено полей"),
    ],
)
def test_strange_addresses_get_clear_answers_and_stay(operator: Visitor, text: str, said: str) -> None:
    form = Form(operator)
    assert said in form.press(address=text)
    assert form.area("address") == text.translate({0: None, 7: None}).strip()


def test_without_an_address_the_button_says_so(operator: Visitor) -> None:
    form = Form(operator)
    answer = operator.post(form.path, {**form.fields, "fill": "split", "address": " ", "client_comment": "Ждёт"})
    assert answer.status_code == 422
    assert "Сначала напишите адрес" in answer.text
    assert "Ждёт" in answer.text


def test_a_confirmation_is_of_the_address_that_was_split_s4_54(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address="Москва, Арбат 5 кв 3")
    another = {"address": "Химки, Ленина 99 кв 1", "place-checked": "y"}
    refused = operator.post(form.path, {**form.fields, **another})
    assert refused.status_code == 422
    assert "Адрес теперь другой" in refused.text
    assert "Адрес изменён после разбивки" in refused.text
    form.press(**another)
    assert form.field("city") == "Химки"
    assert form.fields.pop("place-checked") == "y"
    found = parts(dealership, form.save())
    assert all(part.confirmed_at is None for part in found.values())


def test_a_tick_is_seen_at_once(operator: Visitor) -> None:
    """What is checked and what a courier still needs follow the tick and the way of delivery; nothing is saved."""
    form = Form(operator)
    assert ">проверить<" in form.press(address=ADDRESS).replace("\n", "")
    page = form.press("told", **{"place-checked": "y", "method": "pickup"})
    assert ">проверить<" not in page.replace("\n", "")
    assert "проверено: Петухов" in page
    said = search(r'id="address-complete">(.*?)</div>', page)
    assert said is not None
    assert "способ" not in said[1]


def test_only_what_may_be_wrong_is_warned_of_s4_55(operator: Visitor) -> None:
    warning = "сверьте каждое поле"
    assert warning not in Form(operator).press(address="Тульская обл., г. Тула, ул. Мира, д. 5")
    assert warning in Form(operator).press(address=ADDRESS)


def test_an_order_changed_without_its_fields_keeps_them(operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save()
    changed = Form(operator, f"{BASE}/{number}/edit", address=ADDRESS)
    del changed.fields["section.place"]
    changed.save(client_comment="Ждёт")
    assert parts(dealership, number)["street"].value == "Невский"


def test_programs_fill_the_same_fields(robot: Any, dealership: Dealership) -> None:
    number = add(dealership)
    version = robot.call("GET", f"{API}/{number}").json["version"]
    answer = robot.call("PATCH", f"{API}/{number}", {"version": version, "place": {"city": "Тула", "street": "Мира"}})
    assert answer.status_code == 200, answer.text
    assert parts(dealership, number)["city"].value == "Тула"


def test_nobody_but_who_may_change_it_confirms_an_address(app: Any, operator: Visitor, dealership: Dealership) -> None:
    form = Form(operator)
    form.press(address=ADDRESS)
    number = form.save()
    assert Visitor(app, "sokolova").post(f"{BASE}/{number}/address/checked").status_code == 403
    assert all(part.confirmed_at is None for part in parts(dealership, number).values())
