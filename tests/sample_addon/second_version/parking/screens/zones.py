"""The directory of zones."""

from __future__ import annotations

from parking.models import Zone

from core import CARD, Column, Field, FlagFilter, InLanguage, Screen, Section, T, named_by

ZONES = Screen(
    key="parking.zones",
    model=Zone,
    thing="parking.zone",
    path="/parking/zones",
    title=T("Parking zones"),
    one=T("Parking zone"),
    icon="parking",
    menu="directories",
    directory=True,
    columns=(
        Column("title", InLanguage(Zone.title_ru, Zone.title_en), T("Title"), link=CARD, phone="who", sortable=False),
        Column("places", Zone.places, T("Places"), kind="number"),
        Column("chargers", Zone.chargers, T("With a charger"), kind="number"),
        Column("handover", Zone.handover, T("Handover"), kind="bool"),
        Column("position", Zone.position, T("Place in lists"), kind="number"),
        Column("active", Zone.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Zone.active),),
    order=("position",),
    sections=(
        Section(
            T("Parking zone"),
            (
                Field("title_ru", T("Title in Russian")),
                Field("title_en", T("Title in English")),
                Field("places", T("Places"), minimum=1, maximum=10000, default=10),
                Field("chargers", T("With a charger"), minimum=0, maximum=10000, default=0),
                Field("handover", T("Cars are handed over here")),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    named=named_by("title"),
)
