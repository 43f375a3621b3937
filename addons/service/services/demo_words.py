"""What the workshop of the demonstration is asked for: works with their parts, prices and words."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A part of a work: ``quantity`` in thousandths of ``unit``, ``price`` in roubles a unit, VAT included."""

    title: str
    article: str
    price: int
    quantity: int = 1000
    unit: str = "шт"


class Work(NamedTuple):
    """A reason to come. ``jobs`` are keys of the shipped kinds of work, ``weight`` says how often it is."""

    weight: int
    purpose: str
    reason: str
    bay_kind: str
    jobs: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    cause: str = ""
    correction: str = ""


OIL = Part("Масло моторное 5W-30", "5W30-208L", 1_150, 4500, "л")
OIL_FILTER = Part("Фильтр масляный", "26300-35505", 890)
AIR_FILTER = Part("Фильтр воздушный", "28113-H5100", 1_240)
CABIN_FILTER = Part("Фильтр салона угольный", "97133-D1000", 1_480)
PLUGS = Part("Свеча зажигания иридиевая", "18855-10080", 1_150, 4000)
BRAKE_FLUID = Part("Жидкость тормозная DOT-4", "DOT4-1L", 980)

WORKS = (
    Work(14, "maintenance", "ТО-15 000", "lift", ("maintenance_15",), (OIL, OIL_FILTER, CABIN_FILTER)),
    Work(10, "maintenance", "ТО-30 000", "lift", ("maintenance_30",), (OIL, OIL_FILTER, AIR_FILTER, CABIN_FILTER)),
    Work(
        8,
        "maintenance",
        "ТО-60 000",
        "lift",
        ("maintenance_60",),
        (OIL, OIL_FILTER, AIR_FILTER, CABIN_FILTER, PLUGS, BRAKE_FLUID),
    ),
    Work(8, "maintenance", "Замена масла", "lift", ("oil",), (OIL, OIL_FILTER)),
    Work(
        10,
        "repair",
        "Стук в передней подвеске",
        "lift",
        ("suspension",),
        (Part("Стойка стабилизатора передняя", "54830-H5000", 2_350, 2000),),
        "Люфт стоек стабилизатора",
        "Стойки заменены, проверено на ходу",
    ),
    Work(
        9,
        "repair",
        "Скрип тормозов спереди",
        "lift",
        ("brake_pads",),
        (Part("Колодки тормозные передние", "58101-H5A25", 5_900),),
        "Износ колодок 90 %",
        "Колодки заменены, суппорты смазаны",
    ),
    Work(
        5,
        "repair",
        "Биение при торможении",
        "lift",
        ("brake_discs", "brake_pads"),
        (
            Part("Диск тормозной передний", "51712-H5000", 6_700, 2000),
            Part("Колодки тормозные передние", "58101-H5A25", 5_900),
        ),
        "Деформация передних дисков",
        "Диски и колодки заменены",
    ),
    Work(
        9,
        "repair",
        "Загорелся «чек», пропала тяга",
        "diagnostics",
        ("engine",),
        (Part("Катушка зажигания", "27301-03200", 6_450),),
        "Пробой катушки третьего цилиндра",
        "Катушка заменена, ошибки удалены",
    ),
    Work(
        5,
        "repair",
        "Не заводится утром",
        "diagnostics",
        ("electrics", "battery"),
        (Part("Аккумулятор 60 А·ч", "AGM-60", 13_900),),
        "Аккумулятор потерял ёмкость",
        "Аккумулятор заменён, заряд в норме",
    ),
    Work(
        7, "repair", "Уводит вправо", "alignment", ("alignment",), (), "Нарушены углы установки", "Углы отрегулированы"
    ),
    Work(
        8,
        "maintenance",
        "Сезонная замена шин",
        "tyres",
        ("tyres",),
        (Part("Грузик балансировочный", "GB-10", 25, 12000),),
    ),
    Work(
        5,
        "repair",
        "Не холодит кондиционер",
        "",
        ("air",),
        (Part("Хладагент R134a", "R134A", 4_200, 650, "кг"),),
        "Недостаток хладагента",
        "Система заправлена, утечек нет",
    ),
    Work(
        3,
        "repair",
        "Замена ремня ГРМ по пробегу",
        "lift",
        ("timing_belt",),
        (Part("Комплект ремня ГРМ", "24312-2B000", 14_800), Part("Помпа", "25100-2B700", 7_300)),
        "Плановая замена",
        "Ремень, ролики и помпа заменены",
    ),
    Work(
        2,
        "repair",
        "Пробуксовывает сцепление",
        "lift",
        ("clutch",),
        (Part("Комплект сцепления", "41100-26012", 24_500),),
        "Износ ведомого диска",
        "Сцепление заменено",
    ),
    Work(
        5,
        "warranty",
        "Гарантия: не работает камера заднего вида",
        "diagnostics",
        ("electrics",),
        (Part("Камера заднего вида", "99240-H0000", 18_600),),
        "Отказ камеры",
        "Камера заменена по гарантии",
    ),
    Work(
        4,
        "warranty",
        "Гарантия: шум заднего моста",
        "lift",
        ("inspection", "suspension"),
        (Part("Подшипник ступицы задней", "52730-H5000", 8_900),),
        "Износ подшипника ступицы",
        "Подшипник заменён по гарантии",
    ),
)

EXTRAS = (
    Work(3, "", "", "", ("alignment",)),
    Work(3, "", "", "", (), (Part("Щётка стеклоочистителя", "98350-H5000", 1_350, 2000),)),
    Work(2, "", "", "", ("battery",), (Part("Аккумулятор 60 А·ч", "AGM-60", 13_900),)),
    Work(2, "", "", "", (), (BRAKE_FLUID,)),
)
"""What is found when the car is on the lift, and added with the client's word (S0-42)."""

OUTSIDE = (("Мойка двигателя, подрядчик", 1_500), ("Проточка дисков, подрядчик", 3_200))
"""Works done outside, with their prices in roubles."""

RECOMMENDATIONS = (
    ("Замена передних тормозных дисков: остаток 22 мм", "soon", 60, 5_000),
    ("Замена задних колодок: износ 70 %", "soon", 90, 7_000),
    ("Замена жидкости в автоматической коробке", "later", 300, 15_000),
    ("Замена амортизаторов задних: запотевание", "soon", 45, 3_000),
    ("Проверить натяжитель ремня при следующем ТО", "later", 330, 15_000),
    ("Течь сальника коленвала: не откладывать", "now", 14, 1_000),
)
"""Text, urgency, in how many days and after how many km."""

CANCEL_REASONS = ("Клиент перенёс на неопределённый срок", "Обслужился по пути в другом городе", "Продал автомобиль")
CONDITIONS = (
    "Царапина на заднем бампере слева",
    "Скол на лобовом стекле со стороны пассажира",
    "Без видимых повреждений",
    "Вмятина на двери водителя, до 2 см",
)
BELONGINGS = ("", "", "Детское кресло", "Зонт, очки", "Видеорегистратор")
WISHES = ("", "", "", "Подождёт в клиентской зоне", "Нужен подменный автомобиль", "Просит показать старые детали")
STRANGERS = ("Алексей", "Марина", "Тимур", "Оксана", "Сергей", "Дарья", "Антон", "Любовь", "Рустам", "Ирина")
"""Who has booked by phone and is no client yet."""

REMINDED = "Напомнили"
