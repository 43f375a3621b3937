"""The pages and addresses of core itself."""

from __future__ import annotations

from core.web.menu import MenuItem
from core.web.routing import PUBLIC, SIGNED_IN, Route
from core.web.views import account, help, live, profile, search, security


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
        Route("/search", "search", search.find, right="core.search.use"),
        Route("/keys", "keys", help.keys, right=SIGNED_IN),
        *_own_account(),
    ]


def _own_account() -> list[Route]:
    """The pages of one's own settings and keys."""
    post = ("POST",)
    return [
        Route("/profile", "profile", profile.show, right="core.profile.read"),
        Route("/profile", "profile_save", profile.save, post, right="core.profile.change"),
        Route("/profile/sounds", "profile_sounds", profile.save_sounds, post, right="core.profile.change"),
        Route("/profile/security", "security", security.show, right="core.profile.read"),
        Route(
            "/profile/security/password",
            "security_password",
            security.change_password,
            post,
            right="core.profile.change",
        ),
        Route(
            "/profile/security/second-factor",
            "second_factor_begin",
            security.begin_second_factor,
            post,
            right="core.profile.change",
        ),
        Route(
            "/profile/security/second-factor/confirm",
            "second_factor_confirm",
            security.confirm_second_factor,
            post,
            right="core.profile.change",
        ),
        Route(
            "/profile/security/second-factor/remove",
            "second_factor_remove",
            security.remove_second_factor,
            post,
            right="core.profile.change",
        ),
        Route(
            "/profile/security/recovery-codes",
            "recovery_codes",
            security.new_recovery_codes,
            post,
            right="core.profile.change",
        ),
        Route(
            "/profile/security/sign-ins/<int:sign_in_id>/end",
            "sign_in_end",
            security.end_sign_in,
            post,
            right="core.sign_in.end",
        ),
        Route(
            "/profile/security/sign-ins/end-others",
            "sign_ins_end",
            security.end_other_sign_ins,
            post,
            right="core.sign_in.end",
        ),
        Route("/profile/security/tokens", "token_create", security.create_token, post, right="core.api_token.create"),
        Route(
            "/profile/security/tokens/<int:token_id>/revoke",
            "token_revoke",
            security.revoke_token,
            post,
            right="core.api_token.revoke",
        ),
    ]


def menu() -> list[MenuItem]:
    """Core's own items of the rail."""
    return []
