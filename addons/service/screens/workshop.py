"""The directories of the workshop: bays, jobs, rates, employees and when they are away."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import Make, RequestReason, VehicleModel
from addons.service.models import Absence, Bay, Employee, Job, LabourRate, MaintenanceRule, Shift, VatRate
from addons.service.screens.shared import COLLEAGUE, DEPARTMENT, MAKE, MODEL, branch_title, choices, department_title
from addons.service.services import singles
from addons.service.services.vocabulary import ABSENCE_REASONS, BAY_KINDS, PAY_TYPES
from core import (
    Branch,
    ChoiceFilter,
    Column,
    Department,
    Field,
    FlagFilter,
    InLanguage,
    Join,
    Lookup,
    LookupFilter,
    PeriodFilter,
    Screen,
    Section,
    T,
    User,
    named_by,
)

THING = "service.workshop"
BAY_CHOICES = choices(BAY_KINDS)
EMPLOYEE = Lookup(
    User, User.full_name, where=(User.active, User.id.in_(select(Employee.user_id).where(Employee.active)))
)

BAYS = Screen(
    key="service.bays",
    model=Bay,
    thing=THING,
    path="/service/bays",
    title=T("Bays"),
    one=T("Bay"),
    icon="building-warehouse",
    menu="directories",
    directory=True,
    joins=(
        Join(Department, Department.id == Bay.department_id),
        Join(Branch, Branch.id == Department.branch_id),
        Join(User, User.id == Bay.mechanic_id),
    ),
    columns=(
        Column("title", Bay.title, T("Title"), link="card", phone="who"),
        Column("kind", Bay.kind, T("Fit for"), kind="choice", choices=BAY_CHOICES, phone="goal"),
        Column(
            "department",
            department_title,
            T("Department"),
            second=branch_title,
            second_label=T("Branch"),
            sortable=False,
            phone="flags",
        ),
        Column("mechanic", User.full_name, T("Usual mechanic"), kind="person", sortable=False),
        Column("position", Bay.position, T("Place in lists"), kind="number"),
        Column("active", Bay.active, T("In use"), kind="bool"),
    ),
    filters=(
        ChoiceFilter("kind", T("Fit for"), Bay.kind, BAY_CHOICES),
        LookupFilter("department", T("Department"), Bay.department_id, Department, department_title),
        FlagFilter("active", T("In use"), Bay.active),
    ),
    order=("position",),
    sections=(
        Section(
            T("Bay"),
            (
                Field("title", T("Title")),
                Field("kind", T("Fit for"), choices=BAY_CHOICES, default="lift"),
                Field("department_id", T("Department"), lookup=DEPARTMENT, on=("create",)),
                Field("mechanic_id", T("Usual mechanic"), lookup=COLLEAGUE),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    named=lambda bay: bay.title,
)

JOBS = Screen(
    key="service.jobs",
    model=Job,
    thing=THING,
    path="/service/jobs",
    title=T("Kinds of work"),
    one=T("Kind of work"),
    icon="tool",
    menu="directories",
    directory=True,
    columns=(
        Column("title", InLanguage(Job.title_ru, Job.title_en), T("Title"), link="card", phone="who", sortable=False),
        Column("norm", Job.norm, T("Norm, 1/100 h"), kind="number", phone="goal"),
        Column("bay_kind", Job.bay_kind, T("Needs a bay for"), kind="choice", choices=BAY_CHOICES),
        Column("maintenance", Job.maintenance, T("Maintenance"), kind="bool"),
        Column("position", Job.position, T("Place in lists"), kind="number"),
        Column("active", Job.active, T("In use"), kind="bool"),
    ),
    filters=(
        FlagFilter("maintenance", T("Maintenance"), Job.maintenance),
        FlagFilter("active", T("In use"), Job.active),
    ),
    order=("position",),
    sections=(
        Section(
            T("Kind of work"),
            (
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
                Field("norm", T("Norm, hundredths of an hour"), minimum=1, maximum=100_000, default=100),
                Field("bay_kind", T("Needs a bay for"), choices=BAY_CHOICES),
                Field("maintenance", T("Maintenance")),
                Field(
                    "reason_id",
                    T("Answers the request reason"),
                    lookup=Lookup(
                        RequestReason,
                        InLanguage(RequestReason.title_ru, RequestReason.title_en),
                        where=(RequestReason.active,),
                    ),
                    hint=T("A booking made from a contact with this reason begins with it."),
                ),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    named=named_by("title"),
)

RATES = Screen(
    key="service.rates",
    model=LabourRate,
    thing=THING,
    path="/service/rates",
    title=T("Labour rates"),
    one=T("Labour rate"),
    icon="coins",
    menu="directories",
    directory=True,
    joins=(Join(Department, Department.id == LabourRate.department_id),),
    columns=(
        Column("hourly", LabourRate.hourly, T("Norm-hour, ₽"), kind="money", link="card", phone="who"),
        Column("pay_type", LabourRate.pay_type, T("Who pays"), kind="choice", choices=choices(PAY_TYPES), phone="goal"),
        Column("department", department_title, T("Department"), sortable=False),
    ),
    order=("hourly",),
    sections=(
        Section(
            T("Labour rate"),
            (
                Field("hourly", T("Norm-hour, ₽"), kind="money", minimum=0),
                Field("pay_type", T("Who pays"), choices=choices(PAY_TYPES), hint=T("Empty: for everybody.")),
                Field("department_id", T("Department"), lookup=DEPARTMENT),
            ),
        ),
    ),
    create=singles.create_rate,
    change=singles.change,
)

VAT = Screen(
    key="service.vat",
    model=VatRate,
    thing=THING,
    path="/service/vat",
    title=T("VAT rates"),
    one=T("VAT rate"),
    icon="receipt-tax",
    menu="directories",
    directory=True,
    columns=(
        Column(
            "title",
            InLanguage(VatRate.title_ru, VatRate.title_en),
            T("Title"),
            link="card",
            phone="who",
            sortable=False,
        ),
        Column("rate", VatRate.rate, T("Rate, 1/100 %"), kind="number", phone="goal"),
        Column("exempt", VatRate.exempt, T("No VAT"), kind="bool"),
        Column("usual", VatRate.usual, T("The usual one"), kind="bool"),
        Column("position", VatRate.position, T("Place in lists"), kind="number"),
        Column("active", VatRate.active, T("In use"), kind="bool"),
    ),
    order=("position",),
    sections=(
        Section(
            T("VAT rate"),
            (
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
                Field("rate", T("Rate, hundredths of a percent"), minimum=0, maximum=10_000),
                Field("exempt", T("No VAT")),
                Field("usual", T("The usual one")),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    named=named_by("title"),
)

EMPLOYEES = Screen(
    key="service.employees",
    model=Employee,
    thing=THING,
    path="/service/employees",
    title=T("Employees of the workshop"),
    one=T("Employee"),
    icon="user-cog",
    menu="directories",
    directory=True,
    joins=(Join(User, User.id == Employee.user_id), Join(Department, Department.id == Employee.department_id)),
    columns=(
        Column("name", User.full_name, T("Who"), kind="person", link="card", phone="who"),
        Column("department", department_title, T("Department"), sortable=False, phone="goal"),
        Column("adviser", Employee.adviser, T("Receives cars"), kind="bool"),
        Column("mechanic", Employee.mechanic, T("Repairs cars"), kind="bool"),
        Column("active", Employee.active, T("In use"), kind="bool"),
    ),
    filters=(
        FlagFilter("adviser", T("Receives cars"), Employee.adviser),
        FlagFilter("mechanic", T("Repairs cars"), Employee.mechanic),
    ),
    order=("name",),
    sections=(
        Section(
            T("Employee"),
            (
                Field("user_id", T("Colleague"), lookup=COLLEAGUE),
                Field("department_id", T("Department"), lookup=DEPARTMENT),
                Field("adviser", T("Receives cars")),
                Field("mechanic", T("Repairs cars")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
)

SHIFTS = Screen(
    key="service.shifts",
    model=Shift,
    thing=THING,
    path="/service/shifts",
    title=T("Shifts"),
    one=T("Shift"),
    icon="clock",
    menu="directories",
    directory=True,
    joins=(Join(User, User.id == Shift.user_id),),
    columns=(
        Column("starts_at", Shift.starts_at, T("From"), kind="moment", link="card", phone="time"),
        Column("ends_at", Shift.ends_at, T("To"), kind="moment"),
        Column("name", User.full_name, T("Who"), kind="person", phone="who"),
    ),
    filters=(PeriodFilter("period", T("Period"), Shift.starts_at),),
    order=("-starts_at",),
    sections=(
        Section(
            T("Shift"),
            (
                Field("user_id", T("Employee"), lookup=EMPLOYEE),
                Field("starts_at", T("From")),
                Field("ends_at", T("To")),
            ),
        ),
    ),
)

ABSENCES = Screen(
    key="service.absences",
    model=Absence,
    thing=THING,
    path="/service/absences",
    title=T("Absences"),
    one=T("Absence"),
    icon="beach",
    menu="directories",
    directory=True,
    joins=(Join(User, User.id == Absence.user_id),),
    columns=(
        Column("first_day", Absence.first_day, T("First day"), kind="day", link="card", phone="time"),
        Column("last_day", Absence.last_day, T("Last day"), kind="day"),
        Column("name", User.full_name, T("Who"), kind="person", phone="who"),
        Column("reason", Absence.reason, T("Why"), kind="choice", choices=choices(ABSENCE_REASONS), phone="goal"),
    ),
    order=("-first_day",),
    sections=(
        Section(
            T("Absence"),
            (
                Field("user_id", T("Employee"), lookup=EMPLOYEE),
                Field("first_day", T("First day")),
                Field("last_day", T("Last day")),
                Field("reason", T("Why"), choices=choices(ABSENCE_REASONS), default="leave"),
                Field("note", T("Note"), wide=True),
            ),
        ),
    ),
)

MAINTENANCE = Screen(
    key="service.maintenance",
    model=MaintenanceRule,
    thing=THING,
    path="/service/maintenance",
    title=T("Maintenance intervals"),
    one=T("Maintenance interval"),
    icon="repeat",
    menu="directories",
    directory=True,
    joins=(
        Join(Make, Make.id == MaintenanceRule.make_id),
        Join(VehicleModel, VehicleModel.id == MaintenanceRule.model_id),
    ),
    columns=(
        Column("months", MaintenanceRule.months, T("Months"), kind="number", link="card", phone="who"),
        Column("kilometres", MaintenanceRule.kilometres, T("Kilometres"), kind="number", phone="goal"),
        Column("make", Make.name, T("Make")),
        Column("model", VehicleModel.name, T("Model")),
        Column("active", MaintenanceRule.active, T("In use"), kind="bool"),
    ),
    order=("months",),
    sections=(
        Section(
            T("Maintenance interval"),
            (
                Field("make_id", T("Make"), lookup=MAKE, hint=T("Empty: for every car.")),
                Field("model_id", T("Model"), lookup=MODEL),
                Field("months", T("Months"), minimum=1, maximum=120, default=12),
                Field("kilometres", T("Kilometres"), minimum=1000, maximum=200_000, default=15_000),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=singles.create_rule,
    change=singles.change,
)

SCREENS = [BAYS, JOBS, RATES, VAT, EMPLOYEES, SHIFTS, ABSENCES, MAINTENANCE]
