"""Splits a Russian address into the fields a courier needs (S4-52)."""

from addons.delivery.address.parser import parse as parse
from addons.delivery.address.result import FIELDS as FIELDS
from addons.delivery.address.result import Address as Address
from addons.delivery.address.result import Part as Part
