"""The goals that are shipped: why people get in touch, by kind of department, with what to say to them.

They cover what the common processes need: buying, repair, parts, and the four routes of a call (S0-05, S2-20).
"""

from __future__ import annotations

from typing import NamedTuple


class Purpose(NamedTuple):
    """One purpose of a kind of department, in all the channels it is met in; ``key`` never changes."""

    key: str
    kind: str
    ru: str
    en: str
    category: str
    channels: str
    script: str = ""
    route: str = "document"
    is_request: bool = True
    result_required: bool = True


NORM_MINUTES = {"phone": 5, "mobile_phone": 5, "visit": 5, "chat": 3, "web": 15, "mobile_app": 15, "invitation": 5}
"""How soon somebody should take a contact; half an hour where the channel is not named."""

ALL_DAY = 30

PURPOSES = (
    Purpose(
        "new_car",
        "showroom",
        "Покупка нового автомобиля",
        "Buying a new car",
        "sale",
        "phone visit web chat mobile_app mobile_phone",
        "sale",
    ),
    Purpose("used_car", "showroom", "Автомобиль с пробегом", "Used car", "sale", "phone visit web chat", "sale"),
    Purpose("test_drive", "showroom", "Тест-драйв", "Test drive", "sale", "phone visit web invitation", "test_drive"),
    Purpose("trade_in", "showroom", "Трейд-ин", "Trade-in", "sale", "phone visit web", "trade_in"),
    Purpose(
        "handover",
        "showroom",
        "Выдача автомобиля",
        "Handover of a car",
        "sale",
        "phone visit",
        "known",
        is_request=False,
    ),
    Purpose(
        "repair",
        "workshop",
        "Ремонт автомобиля",
        "Car repair",
        "repair",
        "phone visit web chat mobile_app mobile_phone",
        "repair",
    ),
    Purpose(
        "maintenance",
        "workshop",
        "Техническое обслуживание",
        "Maintenance",
        "repair",
        "phone visit web mobile_app invitation",
        "repair",
    ),
    Purpose("warranty", "workshop", "Гарантия", "Warranty", "repair", "phone visit chat", "repair"),
    Purpose(
        "in_repair",
        "workshop",
        "Вопрос об автомобиле в ремонте",
        "Question about a car in repair",
        "repair",
        "phone chat",
        "in_repair",
        "follow_up",
        is_request=False,
    ),
    Purpose(
        "collect",
        "workshop",
        "Получение автомобиля из ремонта",
        "Collecting a car from repair",
        "repair",
        "visit",
        "known",
        "follow_up",
        is_request=False,
    ),
    Purpose(
        "parts",
        "parts",
        "Подбор и заказ запчастей",
        "Parts: selection and order",
        "parts",
        "phone visit web chat",
        "parts",
    ),
    Purpose(
        "parts_order",
        "parts",
        "Вопрос по заказу запчастей",
        "Question about a parts order",
        "parts",
        "phone visit",
        "known",
        "follow_up",
        is_request=False,
    ),
    Purpose("credit", "finance", "Кредит и лизинг", "Credit and leasing", "other", "phone visit web", "finance"),
    Purpose("insurance", "finance", "Страхование", "Insurance", "other", "phone visit", "finance"),
    Purpose(
        "information",
        "other",
        "Как проехать, часы работы",
        "Directions and opening hours",
        "information",
        "phone visit chat",
        "information",
        "information",
        is_request=False,
        result_required=False,
    ),
    Purpose(
        "employee",
        "other",
        "К определённому сотруднику",
        "For a certain employee",
        "other",
        "phone visit",
        "employee",
        "employee",
        is_request=False,
    ),
    Purpose(
        "follow_up",
        "other",
        "По прежнему обращению",
        "About an earlier contact",
        "other",
        "phone visit",
        "follow_up",
        "follow_up",
        is_request=False,
    ),
    Purpose(
        "other",
        "other",
        "Прочее",
        "Other",
        "other",
        "phone visit web chat other",
        "other",
        is_request=False,
    ),
)

SCRIPTS: dict[str, tuple[str, str]] = {
    "sale": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
Вы ранее у нас обслуживались?
Какая марка автомобиля Вас интересует? Какая модель?
Какой автомобиль у Вас сейчас, рассматриваете ли трейд-ин?
Откуда Вы о нас узнали?
Перевожу Вас на специалиста, который Вас может проконсультировать по данному вопросу.""",
        """Good afternoon, how can I help you?
May I have your name?
Have you been our client before?
Which make of car are you interested in? Which model?
What car do you drive now, would you consider a trade-in?
How did you hear about us?
I am putting you through to a specialist who will advise you.""",
    ),
    "test_drive": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
На каком автомобиле Вы хотели бы проехать?
Когда Вам удобно приехать на тест-драйв?
Возьмите, пожалуйста, с собой водительское удостоверение.
Минуту, соединю Вас с менеджером, он подтвердит время.""",
        """Good afternoon, how can I help you?
May I have your name?
Which car would you like to drive?
When would it suit you to come for a test drive?
Please take your driving licence with you.
One moment, I am putting you through to a manager who will confirm the time.""",
    ),
    "trade_in": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
Какой у Вас автомобиль: марка, модель, год выпуска, пробег?
На какой автомобиль Вы хотели бы его обменять?
Когда Вам удобно показать автомобиль оценщику?
Перевожу Вас на специалиста по трейд-ин.""",
        """Good afternoon, how can I help you?
May I have your name?
What car do you have: make, model, year, mileage?
Which car would you like to exchange it for?
When would it suit you to show the car to our appraiser?
I am putting you through to our trade-in specialist.""",
    ),
    "known": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
С каким менеджером Вы ранее общались?
Присаживайтесь, пожалуйста, он к Вам подойдёт, как только освободится.""",
        """Good afternoon, how can I help you?
May I have your name?
Which manager have you talked to before?
Please take a seat, he will come to you as soon as he is free.""",
    ),
    "repair": (
        """Добрый день, чем я могу Вам помочь?
Как я могу к Вам обращаться?
Вы ранее обращались к нам?
Какой у Вас автомобиль и какой у него пробег?
Что Вас беспокоит, что нужно сделать?
На какой день Вас записать?
Я переведу Вас на специалиста, который поможет Вам.""",
        """Good afternoon, how can I help you?
May I have your name?
Have you been our client before?
What car do you have, and what is its mileage?
What is wrong, what should be done?
Which day would suit you?
I am putting you through to a specialist who will help you.""",
    ),
    "in_repair": (
        """Добрый день, чем могу помочь?
Скажите, Вы раньше обслуживались у нас?
Как к Вам можно обращаться?
Спасибо. А что у Вас за вопрос: готовность, дополнительные работы, перенос записи?
Минуту, соединю Вас со специалистом.""",
        """Good afternoon, how can I help you?
Have you been our client before?
May I have your name?
Thank you. What is your question: when the car is ready, more work, another day?
One moment, I am putting you through to a specialist.""",
    ),
    "parts": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
Для какого автомобиля нужна деталь? Назовите, пожалуйста, VIN.
Нужна только деталь или вместе с установкой?
Перевожу Вас на специалиста отдела запчастей.""",
        """Good afternoon, how can I help you?
May I have your name?
Which car is the part for? Could you tell me the VIN, please?
Do you need the part alone or with fitting?
I am putting you through to our parts specialist.""",
    ),
    "finance": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
На какой автомобиль нужен расчёт: новый, с пробегом, Ваш нынешний?
Перевожу Вас на специалиста по кредиту и страхованию.""",
        """Good afternoon, how can I help you?
May I have your name?
Which car is the offer for: a new one, a used one, the one you drive?
I am putting you through to our credit and insurance specialist.""",
    ),
    "information": (
        """Добрый день, чем я могу помочь?
Подсказать Вам, как проехать, или часы работы?
Автосалон работает ежедневно с 9 до 21, сервис с 8 до 20.
Приезжайте, будем рады Вас видеть!""",
        """Good afternoon, how can I help you?
Shall I tell you the way or our opening hours?
The showroom is open daily from 9 to 21, the workshop from 8 to 20.
Come and see us, you are welcome!""",
    ),
    "employee": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
С кем Вас соединить?
По какому вопросу Вы звоните?
Минуту, соединяю. Если он не ответит, я оставлю ему напоминание Вам перезвонить.""",
        """Good afternoon, how can I help you?
May I have your name?
Whom would you like to talk to?
What is it about?
One moment, please. If he does not answer, I will leave him a note to call you back.""",
    ),
    "follow_up": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
Когда и с кем Вы говорили в прошлый раз?
Минуту, найду Ваше обращение и соединю Вас с тем же сотрудником.""",
        """Good afternoon, how can I help you?
May I have your name?
When and with whom did you talk last time?
One moment, I will find your call and put you through to the same person.""",
    ),
    "other": (
        """Добрый день, чем я могу помочь?
Как я могу к Вам обращаться?
Какую организацию Вы представляете и по какому вопросу?""",
        """Good afternoon, how can I help you?
May I have your name?
Which company are you from, and what is it about?""",
    ),
}
