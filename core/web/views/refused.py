"""Steps of a record that are taken on its card: what refuses one is said there, and the card stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from werkzeug.wrappers import Response

from core.errors import Blocked, Conflict, Invalid, Obstacle
from core.web.http import Request, redirect
from core.web.views.records import show_card

FRAGMENT = "screens/refused.html"


def step_on_card(request: Request, screen_key: str, record_id: int, step: Callable[[], object]) -> Response:
    """Take a step and go back to the card; where it is refused, the card says what is in the way and where to see to it.

    A form that is sent by htmx to ``#refused`` keeps the page as it is, with all that is typed in it; any other gets the
    whole card again, with the status of the refusal.

    :param screen_key: the screen the card is of.
    :param step: does it.
    :raises Refusal: what is neither a conflict nor wrong input, as the step raised it.
    """
    try:
        step()
    except (Conflict, Invalid) as refusal:
        request.session.rollback()
        refused = obstacles_of(refusal)
        if request.fragment:
            return request.render(FRAGMENT, refusal.status, refused=refused)
        return show_card(request.app.screens[screen_key], request, record_id, refused, refusal.status)
    card = request.url(request.app.screens[screen_key].screen.endpoint("card"), record_id=record_id)
    return Response(status=204, headers={"HX-Redirect": card}) if request.fragment else redirect(card)


def obstacles_of(refusal: Conflict | Invalid) -> Sequence[Obstacle]:
    """All that a refusal says, one thing a line."""
    if isinstance(refusal, Blocked):
        return refusal.obstacles
    if isinstance(refusal, Invalid):
        said = [Obstacle(text) for texts in refusal.errors.values() for text in texts]
        return said or [Obstacle(refusal.message, refusal.values)]
    return [Obstacle(refusal.message, refusal.values)]
