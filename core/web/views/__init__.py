"""The pages and addresses of core itself."""

from __future__ import annotations

from collections.abc import Iterable

from core.web.menu import MenuItem
from core.web.routing import PUBLIC, SIGNED_IN, Route, View
from core.web.screens import Screen
from core.web.subjects import SubjectPage
from core.web.views import (
    account,
    admin_addons,
    admin_departments,
    admin_disable,
    admin_index,
    admin_jobs,
    admin_roles,
    admin_settings,
    admin_uninstall,
    admin_users,
    directories,
    live,
    people,
    personal,
    profile,
    search,
    security,
    tasks,
    timeline,
)
from core.web.views import help as help_pages


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
        Route("/presence/mine", "my_state", profile.my_state, right=SIGNED_IN),
        Route("/presence/choices", "my_states", profile.my_states, right=SIGNED_IN),
        Route("/profile/look", "look", profile.set_look, methods=("POST",), right="core.profile.change"),
        Route("/search", "search", search.find, right="core.search.use"),
        Route("/keys", "keys", help_pages.keys, right=SIGNED_IN),
        Route("/people", "people", people.find, right="core.user.read"),
        *_own_account(),
        *tasks.routes(),
        *timeline.routes(),
        *directories.routes(),
        *_administration(),
    ]


def _administration() -> list[Route]:
    """What is not generated of the pages of administration."""
    parts = (
        admin_index,
        admin_users,
        admin_roles,
        admin_departments,
        admin_settings,
        admin_uninstall,
        admin_disable,
        admin_addons,
        admin_jobs,
    )
    return [route for part in parts for route in part.routes()]


def _own_account() -> list[Route]:
    """The pages of one's own settings and keys."""
    return [
        Route("/profile", "profile", profile.show, right="core.profile.read"),
        _own("", "profile_save", profile.save),
        _own("/sounds", "profile_sounds", profile.save_sounds),
        Route("/profile/security", "security", security.show, right="core.profile.read"),
        _own("/security/password", "security_password", security.change_password),
        _own("/security/email", "security_email", security.change_email),
        _own("/security/second-factor", "second_factor_begin", security.begin_second_factor),
        _own("/security/second-factor/confirm", "second_factor_confirm", security.confirm_second_factor),
        _own("/security/second-factor/remove", "second_factor_remove", security.remove_second_factor),
        _own("/security/recovery-codes", "recovery_codes", security.new_recovery_codes),
        _own("/security/sign-ins/<int:sign_in_id>/end", "sign_in_end", security.end_sign_in, "core.sign_in.end"),
        _own("/security/sign-ins/end-others", "sign_ins_end", security.end_other_sign_ins, "core.sign_in.end"),
        _own("/security/tokens", "token_create", security.create_token, "core.api_token.create"),
        _own("/security/tokens/<int:token_id>/revoke", "token_revoke", security.revoke_token, "core.api_token.revoke"),
        *personal.routes(),
    ]


def _own(rule: str, endpoint: str, view: View, right: str = "core.profile.change") -> Route:
    return Route(f"/profile{rule}", endpoint, view, ("POST",), right=right)


def menu(screens: Iterable[Screen]) -> list[MenuItem]:
    """Core's own items of the rail."""
    return [tasks.menu(), *directories.menu(screens), admin_index.menu(), personal.menu()]


def subject_pages() -> list[SubjectPage]:
    """Where core's own records are shown."""
    return [
        *tasks.subject_pages(),
        *admin_jobs.subject_pages(),
        SubjectPage("core_user", "core.users.card"),
        SubjectPage("core_addon", "core.addons"),
    ]
