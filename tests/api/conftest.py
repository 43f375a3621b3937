"""The API of a small dealership, asked by programs with tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.web.app import Application
from tests.api.program import Program
from tests.support.dealership import Dealership

Programs = Callable[..., Program]


@pytest.fixture
def program(app: Application, dealership: Dealership) -> Programs:
    """``program("petukhov")``: a program with a token of that person."""

    def begin(login: str, language: str = "en") -> Program:
        return Program(app, dealership, login, language)

    return begin
