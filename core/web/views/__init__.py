"""The pages and addresses of core itself."""

from __future__ import annotations

from core.web.menu import MenuItem
from core.web.routing import PUBLIC, SIGNED_IN, Route
from core.web.views import account, live, profile


def routes() -> list[Route]:
    """Every address of core that is not generated from a screen."""
    return [
        Route("/", "home", account.home, right=SIGNED_IN),
        Route("/signin", "signin", account.show_signin, right=PUBLIC),
        Route("/signin", "signin_send", account.signin, methods=("POST",), right=PUBLIC),
        Route("/signout", "signout", account.signout, methods=("POST",), right=SIGNED_IN),
        Route("/language/<any(ru,en):language>", "language", account.language, methods=("POST",), right=PUBLIC),
        Route("/health", "health", account.health, right=PUBLIC),
        Route("/live", "live", live.stream, right=SIGNED_IN),
        Route("/notifications", "notifications", live.notifications, right=SIGNED_IN),
        Route("/notifications/<int:notification_id>/popup", "notification_popup", live.popup, right=SIGNED_IN),
        Route(
            "/notifications/<int:notification_id>/open",
            "notification_open",
            live.open_notification,
            methods=("POST",),
            right=SIGNED_IN,
        ),
        Route(
            "/notifications/<int:notification_id>/later",
            "notification_later",
            live.later,
            methods=("POST",),
            right=SIGNED_IN,
        ),
        Route("/drafts/<path:key>", "draft", live.save_draft, methods=("POST",), right=SIGNED_IN),
        Route("/presence", "presence", profile.set_presence, methods=("POST",), right=SIGNED_IN),
        Route("/profile", "profile", profile.show, right=SIGNED_IN),
        Route("/profile", "profile_save", profile.save, methods=("POST",), right=SIGNED_IN),
    ]


def menu() -> list[MenuItem]:
    """Core's own items of the rail."""
    return []
