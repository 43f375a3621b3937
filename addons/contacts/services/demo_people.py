"""Who works in the demonstration dealership, and its hours: invented people of two sites."""

from __future__ import annotations

from typing import NamedTuple

BRANCHES = (("north", "ДЦ «Север»", "Dealership North"), ("south", "ДЦ «Юг»", "Dealership South"))

HOURS = {"showroom": (9, 21), "workshop": (8, 20), "parts": (9, 20), "finance": (10, 20), "other": (8, 21)}
"""When each kind of department opens and closes, every day, in local hours."""


class Member(NamedTuple):
    """A member of staff; ``places`` are ``branch.kind`` of the departments he works in.

    ``state`` is his presence now, for ``minutes`` if any, with a note that reads the same in either language.
    """

    login: str
    name: str
    places: str
    position: str
    roles: str = "specialist"
    extension: str = ""
    state: str = "free"
    minutes: int = 0
    note: str = ""


MECHANIC = "Механик"
"""Who repairs cars and talks to nobody: he handles no contacts."""

STAFF = (
    Member("admin", "Зимин Артём", "", "Администратор системы", "administrator", "100", "busy"),
    Member("kovaleva", "Ковалёва Ирина", "north.other south.other", "Управляющая", "specialist supervisor", "101"),
    Member("lebedeva", "Лебедева Мария", "north.other", "Администратор ресепшн", "reception", "110"),
    Member("zhukova", "Жукова Полина", "south.other", "Администратор ресепшн", "reception", "610"),
    Member("orlov", "Орлов Михаил", "north.showroom south.showroom", "Начальник отдела", "traffic_head", "201", "busy"),
    Member("petukhov", "Петухов Владимир", "north.showroom", "Менеджер", extension="204"),
    Member("sokolova", "Соколова Анна", "north.showroom", "Менеджер", extension="207"),
    Member(
        "lebedev", "Лебедев Игорь", "north.showroom", "Менеджер", extension="205", state="busy", note="Škoda Octavia"
    ),
    Member(
        "rumyantsev",
        "Румянцев Кирилл",
        "north.showroom",
        "Менеджер",
        extension="206",
        state="busy",
        minutes=35,
        note="BMW X5",
    ),
    Member("morozova", "Морозова Дарья", "north.showroom", "Менеджер", extension="208", state="away"),
    Member("egorov", "Егоров Никита", "south.showroom", "Менеджер", extension="604"),
    Member("tarasova", "Тарасова Алина", "south.showroom", "Менеджер", extension="605", state="off"),
    Member("gromova", "Громова Елена", "north.workshop south.workshop", "Начальник сервиса", "traffic_head", "301"),
    Member("volkov", "Волков Сергей", "north.workshop", "Мастер-консультант", extension="302"),
    Member(
        "titov",
        "Титов Роман",
        "north.workshop",
        "Мастер-консультант",
        extension="303",
        state="busy",
        minutes=20,
        note="Kia Rio",
    ),
    Member("belov", "Белов Константин", "north.workshop", "Мастер-консультант", extension="304", state="away"),
    Member("isaev", "Исаев Марк", "south.workshop", "Мастер-консультант", extension="702"),
    Member("gusev", "Гусев Павел", "north.workshop", MECHANIC, ""),
    Member("zaitsev", "Зайцев Олег", "north.workshop", MECHANIC, "", state="busy"),
    Member("komarov", "Комаров Илья", "north.workshop", MECHANIC, "", state="busy"),
    Member("nikitin", "Никитин Степан", "north.workshop", MECHANIC, ""),
    Member("panov", "Панов Вадим", "north.workshop", MECHANIC, "", state="busy"),
    Member("rybakov", "Рыбаков Андрей", "north.workshop", MECHANIC, ""),
    Member("sidorov", "Сидоров Максим", "south.workshop", MECHANIC, ""),
    Member("tikhonov", "Тихонов Глеб", "south.workshop", MECHANIC, "", state="busy"),
    Member("ushakov", "Ушаков Лев", "south.workshop", MECHANIC, ""),
    Member("filatov", "Филатов Юрий", "south.workshop", MECHANIC, ""),
    Member("fomin", "Фомин Денис", "north.parts south.parts", "Специалист по запчастям", extension="401"),
    Member("borisova", "Борисова Юлия", "north.finance south.finance", "Кредит и страхование", extension="501"),
)
