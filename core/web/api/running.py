"""Running the operations that addons declare."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.wrappers import Response

from core.errors import Invalid
from core.web import clashes
from core.web.api import once
from core.web.api.answers import record_answer
from core.web.api.operations import Operation
from core.web.api.values import NO_SUCH_FIELD, read_object, read_struct
from core.web.http import Request
from core.web.i18n import T
from core.web.routing import View


def perform(operation: Operation, created_at: str, request: Request, record_id: int | None = None) -> Response:
    """Do it and show the result; under an ``Idempotency-Key`` once, however often it is sent (SEC-48).

    :param created_at: the endpoint of the record that is made; empty when none is.
    """
    known = once.earlier_result(request) if operation.find is not None else None
    if known is None:
        result = operation.run(*_arguments(operation, request, record_id))
    else:
        assert operation.find is not None
        result = operation.find(request.session, known)
    request.session.flush()
    if known is None and operation.find is not None:
        once.remember(request, result.id)
    shown = msgspec.to_builtins(operation.show(request.session, result))
    if not created_at:
        return record_answer(shown)
    return record_answer(shown, 201, request.url(created_at, record_id=result.id))


def _arguments(operation: Operation, request: Request, record_id: int | None) -> list[Any]:
    """What the service takes.

    :raises Invalid: naming every field of the body that is wrong.
    """
    given: list[Any] = [request.session]
    if operation.of_record:
        given.append(record_id)
    body = read_object(request, needed=operation.takes is not None)
    if operation.takes is None:
        errors = {name[:60]: [request.translate(NO_SUCH_FIELD)] for name in body}
    else:
        value, errors = read_struct(operation.takes, body, request.translate)
        given.append(value)
    if errors:
        raise Invalid(errors)
    return given


def answered(view: View) -> View:
    """A view whose clashes with other records are refusals."""

    def run(request: Request, **arguments: Any) -> Response:
        try:
            response = view(request, **arguments)
            if request._session is not None and request.writes:
                request.session.flush()
        except IntegrityError as error:
            raise clashes.refusal_of(error) or error from error
        except DataError as error:
            raise clashes.Unstorable(T("A value is too long or too large to be stored.")) from error
        return response

    return run
