"""The specification: valid, complete, true, and no more than the caller may know."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from core.access.models import User
from core.access.people import set_roles
from core.web.app import Application
from tests.api.conftest import Programs
from tests.api.program import Program
from tests.support.dealership import Dealership

_ARGUMENT = re.compile(r"<[^>]*>")


def specification(program: Program, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = program.get(f"/openapi.json{query}").json
    return found


def described(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(path, method.upper()) for path, item in document["paths"].items() for method in item}


def served(app: Application) -> set[tuple[str, str]]:
    api = [route for route in app.router.routes.values() if route.api]
    paths = {(_ARGUMENT.sub("{id}", route.rule), method) for route in api for method in route.methods}
    return paths - {("/api/v1/", "GET"), ("/api/v1/openapi.json", "GET")}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_is_valid_and_complete(program: Programs, language: str) -> None:
    admin = program("admin", language)
    document = specification(admin)
    validate(document)
    assert described(document) == served(admin.app)


def test_it_shows_what_the_caller_may_do(program: Programs, dealership: Dealership) -> None:
    """SEC-4: what others may is shown to those who have the right to the whole description."""
    reception = program("lebedeva")
    assert reception.get("/openapi.json?all=1").status_code == 403
    mine = specification(reception)
    validate(mine)
    rights = {step["x-right"] for item in mine["paths"].values() for step in item.values()}
    with reception.app.database.session() as session:
        identity = reception.app.authenticator.identities.identify_token(session, reception.token)
    assert identity is not None
    assert all(identity.access.may(right) for right in rights)
    with dealership.session() as session:
        set_roles(session, session.get_one(User, reception.user_id), ["supervisor"])
    everything = specification(reception, "?all=1")
    validate(everything)
    assert described(everything) == served(reception.app)


@pytest.mark.addons("contacts", "sales")
def test_it_is_true(program: Programs) -> None:
    """Answers are what their schemas say, and the examples are taken."""
    admin, reception = program("admin"), program("lebedeva")
    document = specification(admin)
    for place in range(2):
        reception.register(client_text=f"Клиент {place}")
    client = admin.post("/contacts/clients", {"last_name": "Т", "sales": {"budget": 5}}).json
    admin.post("/sales/worksheets", {"customer_id": client["id"], "interest": "Chery"})
    for key in admin.app.api.resources:
        path = "/" + key.replace(".", "/")
        page = admin.get(path).json
        check(document, f"{key}.list", page)
        for item in page["items"][:3]:
            check(document, key, admin.get(f"{path}/{item['id']}").json)
    contact = admin.post("/contacts/traffic/1/note", {"text": "x"}).json
    check(document, "contacts.ContactShown", contact)
    check(document, "Problem", admin.get("/contacts/traffic/999999").json)


@pytest.mark.addons("contacts")
def test_a_deletion_says_that_it_needs_the_version(program: Programs) -> None:
    """RFC 6585: only a change may say it in its body instead."""
    needed = {
        (method, each["required"])
        for item in specification(program("admin"))["paths"].values()
        for method, step in item.items()
        for each in step.get("parameters", [])
        if each["name"] == "If-Match"
    }
    assert needed == {("patch", False), ("delete", True)}


def check(document: dict[str, Any], name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    Draft202012Validator(schema).validate(value)


@pytest.mark.addons("contacts", "sales")
def test_its_words_are_the_callers(program: Programs) -> None:
    russian, english = specification(program("admin", "ru")), specification(program("admin", "en"))
    claim = "/api/v1/contacts/traffic/{id}/claim"
    assert russian["paths"][claim]["post"]["summary"] == "Взять обращение себе"
    assert english["paths"][claim]["post"]["summary"] == "Take a contact"
    form = english["components"]["schemas"]["sales.worksheets.create"]["properties"]
    assert form["budget"]["description"] == "whole kopecks"


def test_the_index_names_what_may_be_read(program: Programs) -> None:
    reception, admin = program("lebedeva").get("/").json, program("admin").get("/").json
    assert reception["user"]["login"] == "lebedeva"
    known = {each["name"] for each in reception["resources"]}
    assert known <= {each["name"] for each in admin["resources"]}
    for each in reception["resources"]:
        assert program("lebedeva").get(each["url"]).status_code == 200
