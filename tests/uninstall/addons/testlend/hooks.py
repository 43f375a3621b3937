"""What the addon adds."""

from datetime import timedelta

from core.host.plugins import hookimpl
from core.host.shipped import ship
from core.jobs.schedule import Job
from core.web.menu import MenuItem
from core.web.routing import Route
from core.work.settings import Setting
from testlend.models import Car


@hookimpl
def routes():
    return [Route("/testlend", "cars", lambda request: None, right="testlend.car.read")]


@hookimpl
def menu():
    return [MenuItem("testlend", "Loan cars", "car", "testlend.cars", right="testlend.car.read")]


@hookimpl
def settings():
    return [Setting("testlend.days", int, 3, title="Days of a loan")]


@hookimpl
def jobs():
    return [Job("testlend.overdue", lambda session: None, timedelta(hours=1), "Loans that are overdue")]


@hookimpl
def shipped_data(session):
    ship(session, Car, {"first": {"name": "First", "search_key": "first"}}, ["name"])
