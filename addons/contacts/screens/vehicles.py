"""The list, card and form of vehicles, and the directories of makes and models."""

from __future__ import annotations

from addons.contacts.models import Customer, Make, Vehicle, VehicleModel
from addons.contacts.screens.shared import CLIENT
from addons.contacts.services import duplicates, records
from addons.contacts.services.vehicles import HIGHEST_MILEAGE, plate_text
from core import Column, Field, FlagFilter, Join, Link, Lookup, LookupFilter, Screen, Section, T

VEHICLES = Screen(
    key="contacts.vehicles",
    model=Vehicle,
    thing="contacts.vehicle",
    path="/vehicles",
    title=T("Vehicles"),
    one=T("Vehicle"),
    icon="car",
    menu="clients",
    joins=(Join(Customer, Customer.id == Vehicle.customer_id),),
    columns=(
        Column(
            "title", Vehicle.title, T("Vehicle"), second=Vehicle.vin, second_label=T("VIN"), link="card", phone="who"
        ),
        Column("plate", Vehicle.plate, T("Plate"), kind="plate", phone="flags"),
        Column("model_year", Vehicle.model_year, T("Model year"), kind="year"),
        Column("mileage", Vehicle.mileage, T("Mileage, km"), kind="number"),
        Column("client", Customer.name, T("Client"), link=Link("contacts.clients.card", Customer.id), phone="goal"),
    ),
    filters=(
        LookupFilter("make", T("Make"), Vehicle.make_id, Make, Make.name, where=(Make.active,)),
        FlagFilter("owned", T("Has an owner"), Vehicle.customer_id.is_not(None)),
    ),
    search=Vehicle.search_key,
    order=("title",),
    sections=(
        Section(
            T("Vehicle"),
            (
                Field("make_id", T("Make"), lookup=Lookup(Make, Make.name, where=(Make.active,))),
                Field(
                    "model_id", T("Model"), lookup=Lookup(VehicleModel, VehicleModel.name, where=(VehicleModel.active,))
                ),
                Field("model_year", T("Model year"), kind="year", minimum=1900, maximum=2100),
                Field("vin", T("VIN"), longest=40),
                Field("plate", T("Plate"), written=plate_text),
                Field("colour", T("Colour")),
                Field("customer_id", T("Client"), lookup=CLIENT),
                Field("mileage", T("Mileage, km"), minimum=0, maximum=HIGHEST_MILEAGE),
                Field("note", T("Note"), wide=True),
            ),
        ),
    ),
    create=records.create_vehicle,
    change=records.change_vehicle,
    doubts=duplicates.vehicle_doubts,
)

MAKES = Screen(
    key="contacts.make_list",
    model=Make,
    thing="contacts.directory",
    path="/makes",
    title=T("Makes"),
    one=T("Make"),
    icon="badge-tm",
    menu="directories",
    directory=True,
    columns=(
        Column("name", Make.name, T("Make"), link="card", phone="who"),
        Column("name_ru", Make.name_ru, T("Name in Russian"), phone="goal"),
        Column("active", Make.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Make.active),),
    order=("name",),
    sections=(
        Section(
            T("Make"),
            (
                Field("name", T("Make")),
                Field("name_ru", T("Name in Russian")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=records.create_make,
    change=records.change_named,
)

MODELS = Screen(
    key="contacts.model_list",
    model=VehicleModel,
    thing="contacts.directory",
    path="/models",
    title=T("Models"),
    one=T("Model"),
    icon="car",
    menu="directories",
    directory=True,
    joins=(Join(Make, Make.id == VehicleModel.make_id),),
    columns=(
        Column("name", VehicleModel.name, T("Model"), link="card", phone="who"),
        Column("name_ru", VehicleModel.name_ru, T("Name in Russian")),
        Column("make", Make.name, T("Make"), phone="goal"),
        Column("active", VehicleModel.active, T("In use"), kind="bool"),
    ),
    filters=(LookupFilter("make", T("Make"), VehicleModel.make_id, Make, Make.name),),
    order=("name",),
    sections=(
        Section(
            T("Model"),
            (
                Field("make_id", T("Make"), lookup=Lookup(Make, Make.name)),
                Field("name", T("Model")),
                Field("name_ru", T("Name in Russian")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=records.create_model,
    change=records.change_named,
)
