"""Makes and models that are met in Russia, in both scripts.

A make stands at the margin with its Russian name, its models are indented. A model has its Russian name after «=».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

CARS = """
Lada | Лада
    Granta=Гранта, Vesta=Веста, Largus=Ларгус, Niva Legend=Нива Легенд, Niva Travel=Нива Тревел, XRAY=Икс Рей,
    Kalina=Калина, Priora=Приора, Iskra=Искра, Aura=Аура
Haval | Хавейл
    Jolion=Джолион, F7=Ф7, F7x=Ф7икс, Dargo=Дарго, H9=Аш 9, M6=М6, H3=Аш 3, H5=Аш 5
Chery | Чери
    Tiggo 4=Тигго 4, Tiggo 7 Pro=Тигго 7 Про, Tiggo 8 Pro=Тигго 8 Про, Tiggo 9=Тигго 9, Arrizo 8=Арризо 8, Omoda
    C5=Омода С5
Geely | Джили
    Monjaro=Монжаро, Atlas=Атлас, Coolray=Кулрей, Tugella=Тугелла, Okavango=Окаванго, Emgrand=Эмгранд,
    Preface=Префейс, Cityray=Ситирей
Exeed | Эксид
    TXL=ТХЛ, VX=ВХ, LX=ЛХ, RX=РХ, Exlantix ET=Экслантикс
Omoda | Омода
    C5=С5, S5=С5 седан, C7=С7
Jaecoo | Джейку
    J7=Джей 7, J8=Джей 8
Changan | Чанган
    CS35 Plus=ЦС 35 Плюс, CS55 Plus=ЦС 55 Плюс, CS75 Plus=ЦС 75 Плюс, UNI-K=Юни-К, UNI-T=Юни-Т, UNI-V=Юни-В,
    Alsvin=Алсвин, Lamore=Ламор, Hunter Plus=Хантер
GAC | Гак
    GS3=ГС3, GS8=ГС8, GN8=ГН8, M8=М8, Empow=Эмпау
Jetour | Джетур
    Dashing=Дашинг, X70 Plus=Икс 70 Плюс, X90 Plus=Икс 90 Плюс, T2=Т2, T1=Т1
Tank | Танк
    300, 400, 500, 700
Great Wall | Грейт Волл
    Poer=Поер, Wingle 7=Вингл 7, Hover=Ховер
Voyah | Воя
    Free=Фри, Dream=Дрим, Passion=Пэшн
Li Auto | Ли Авто
    L6=Л6, L7=Л7, L9=Л9, Mega=Мега
Zeekr | Зикр
    001, 007, 009, X=Икс
Hongqi | Хончи
    H5=Аш 5, H9=Аш 9, E-HS9, HS5
FAW | ФАВ
    Bestune T77=Бестурн Т77, Bestune T99=Бестурн Т99, Bestune B70=Бестурн Б70
JAC | Джак
    J7=Джей 7, JS3=ДжС 3, JS6=ДжС 6, T8 Pro=Т8 Про
BAIC | Баик
    X35=Икс 35, X55=Икс 55, X75=Икс 75, U5 Plus=Ю5 Плюс, BJ40=БДж 40
Москвич | Москвич
    3, 3е, 6, 8
УАЗ | УАЗ
    Патриот, Пикап, Хантер, Буханка, Профи
ГАЗ | ГАЗ
    Газель Next, Газель Бизнес, Соболь, Волга Сайбер, Валдай
Aurus | Аурус
    Senat=Сенат, Komendant=Комендант
Evolute | Эволют
    i-Pro=Ай-Про, i-Joy=Ай-Джой, i-Sky=Ай-Скай, i-Van=Ай-Вэн
Kia | Киа
    Rio=Рио, Rio X=Рио Икс, Ceed=Сид, Cerato=Церато, K5=К5, Optima=Оптима, Picanto=Пиканто, Soul=Соул,
    Seltos=Селтос, Sportage=Спортейдж, Sorento=Соренто, Mohave=Мохаве, Carnival=Карнивал
Hyundai | Хендай
    Solaris=Солярис, Creta=Крета, Elantra=Элантра, Sonata=Соната, Tucson=Туссан, Santa Fe=Санта Фе,
    Palisade=Палисад, Staria=Стария, i30=Ай 30, H-1=Аш-1, Porter=Портер
Solaris | Солярис
    HS=АшС, HC=АшЦ, KRS=КРС, KRX=КРИкс
Genesis | Дженезис
    G70=Джи 70, G80=Джи 80, G90=Джи 90, GV70=Джи Ви 70, GV80=Джи Ви 80
Toyota | Тойота
    Camry=Камри, Corolla=Королла, RAV4=Рав 4, Highlander=Хайлендер, Land Cruiser 200=Ленд Крузер 200, Land Cruiser
    300=Ленд Крузер 300, Land Cruiser Prado=Прадо, Hilux=Хайлюкс, Fortuner=Фортунер, Alphard=Альфард,
    C-HR=Си-Эйч-Ар, Yaris=Ярис, Avensis=Авенсис, Prius=Приус
Lexus | Лексус
    ES=ЕС, LS=ЛС, NX=НХ, RX=РХ, GX=ГХ, LX=ЛХ, UX=УХ, IS=ИС
Nissan | Ниссан
    Qashqai=Кашкай, X-Trail=Икс-Трейл, Almera=Альмера, Terrano=Террано, Murano=Мурано, Juke=Жук, Note=Ноут,
    Patrol=Патрол, Pathfinder=Патфайндер, Tiida=Тиида, Teana=Теана, Leaf=Лиф
Infiniti | Инфинити
    Q50=Ку 50, QX50=КуИкс 50, QX60=КуИкс 60, QX80=КуИкс 80, FX35=ФХ 35
Mazda | Мазда
    2, 3, 6, CX-3=СХ-3, CX-30=СХ-30, CX-5=СХ-5, CX-7=СХ-7, CX-9=СХ-9
Mitsubishi | Мицубиси
    Outlander=Аутлендер, Pajero=Паджеро, Pajero Sport=Паджеро Спорт, ASX=АСХ, Lancer=Лансер, L200=Л200, Eclipse
    Cross=Эклипс Кросс
Honda | Хонда
    CR-V=Си-Ар-Ви, Civic=Цивик, Accord=Аккорд, Pilot=Пилот, Jazz=Джаз, Fit=Фит, Freed=Фрид
Subaru | Субару
    Forester=Форестер, Outback=Аутбек, XV=ХВ, Impreza=Импреза, Legacy=Легаси, WRX=ВРХ
Suzuki | Сузуки
    Vitara=Витара, Grand Vitara=Гранд Витара, Jimny=Джимни, SX4=СХ4, Swift=Свифт
Volkswagen | Фольксваген
    Polo=Поло, Jetta=Джетта, Golf=Гольф, Passat=Пассат, Tiguan=Тигуан, Touareg=Туарег, Taos=Таос,
    Teramont=Терамонт, Multivan=Мультивен, Caddy=Кадди, Transporter=Транспортер, Arteon=Артеон
Škoda | Шкода
    Octavia=Октавия, Rapid=Рапид, Kodiaq=Кодиак, Karoq=Карок, Superb=Суперб, Fabia=Фабия, Yeti=Йети, Kamiq=Камик
Audi | Ауди
    A3=А3, A4=А4, A5=А5, A6=А6, A7=А7, A8=А8, Q3=Ку 3, Q5=Ку 5, Q7=Ку 7, Q8=Ку 8, e-tron=Е-трон
BMW | БМВ
    1 серии, 2 серии, 3 серии=тройка, 4 серии, 5 серии=пятёрка, 6 серии, 7 серии=семёрка, X1=Икс 1, X2=Икс 2,
    X3=Икс 3, X4=Икс 4, X5=Икс 5, X6=Икс 6, X7=Икс 7, iX=Ай Икс
Mercedes-Benz | Мерседес-Бенц
    A-класс=А-класс, B-класс=Б-класс, C-класс=Ц-класс, E-класс=Е-класс, S-класс=С-класс, CLA=ЦЛА, CLS=ЦЛС,
    GLA=ГЛА, GLB=ГЛБ, GLC=ГЛЦ, GLE=ГЛЕ, GLS=ГЛС, G-класс=Гелендваген, V-класс=В-класс, Vito=Вито,
    Sprinter=Спринтер, EQC=ЕКуЦ
Porsche | Порше
    Cayenne=Кайен, Macan=Макан, Panamera=Панамера, 911, Taycan=Тайкан
Mini | Мини
    Cooper=Купер, Countryman=Кантримен, Clubman=Клабмен
Volvo | Вольво
    XC40=ХС40, XC60=ХС60, XC90=ХС90, S60=С60, S90=С90, V60=В60, V90=В90
Land Rover | Ленд Ровер
    Range Rover=Рендж Ровер, Range Rover Sport=Рендж Ровер Спорт, Range Rover Evoque=Эвок, Range Rover
    Velar=Велар, Discovery=Дискавери, Discovery Sport=Дискавери Спорт, Defender=Дефендер, Freelander=Фрилендер
Jaguar | Ягуар
    XF=ХФ, XE=ХЕ, F-Pace=Эф-Пейс, E-Pace=И-Пейс
Renault | Рено
    Logan=Логан, Sandero=Сандеро, Duster=Дастер, Kaptur=Каптюр, Arkana=Аркана, Megane=Меган, Koleos=Колеос,
    Fluence=Флюенс, Dokker=Доккер
Peugeot | Пежо
    208, 301, 308, 408, 3008, 5008, Partner=Партнер, Traveller=Тревеллер
Citroën | Ситроен
    C3=С3, C4=С4, C5 Aircross=С5 Эйркросс, Berlingo=Берлинго, Jumpy=Джампи, SpaceTourer=Спейстурер
Opel | Опель
    Astra=Астра, Corsa=Корса, Insignia=Инсигния, Mokka=Мокка, Zafira=Зафира, Grandland=Грандленд
Ford | Форд
    Focus=Фокус, Fiesta=Фиеста, Mondeo=Мондео, Kuga=Куга, EcoSport=ЭкоСпорт, Explorer=Эксплорер, Transit=Транзит,
    Mustang=Мустанг
Chevrolet | Шевроле
    Cobalt=Кобальт, Cruze=Круз, Lacetti=Лачетти, Aveo=Авео, Captiva=Каптива, Niva=Нива, Tahoe=Тахо,
    Trailblazer=Трейлблейзер, Nexia=Нексия
Cadillac | Кадиллак
    Escalade=Эскалейд, XT4=ХТ4, XT5=ХТ5, XT6=ХТ6
Jeep | Джип
    Grand Cherokee=Гранд Чероки, Wrangler=Вранглер, Compass=Компас, Cherokee=Чероки
Daewoo | Дэу
    Nexia=Нексия, Matiz=Матиз, Gentra=Джентра
SsangYong | СсангЙонг
    Actyon=Актион, Kyron=Кайрон, Rexton=Рекстон
Ravon | Равон
    R2=Р2, R4=Р4, Gentra=Джентра
Tesla | Тесла
    Model 3=Модель 3, Model S=Модель С, Model X=Модель Икс, Model Y=Модель Игрек
Belgee | Белджи
    X50=Икс 50, X70=Икс 70, S50=С50
"""


class CarMake(NamedTuple):
    """A make as it is shipped: both names, and the models with both of theirs."""

    name: str
    name_ru: str
    models: tuple[tuple[str, str], ...]


def car_makes() -> Iterator[CarMake]:
    """The makes of the table, in its order."""
    for entry in re.split(r"\n(?=\S)", CARS.strip()):
        heading, *lines = entry.splitlines()
        name, name_ru = (part.strip() for part in heading.split("|"))
        models = " ".join(line.strip() for line in lines)
        yield CarMake(name, name_ru, tuple(_model(model) for model in models.split(",")))


def _model(entry: str) -> tuple[str, str]:
    """A model's two names; a name that is Russian already has no second one."""
    name, _, name_ru = entry.strip().partition("=")
    return name, name_ru
