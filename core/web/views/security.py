"""A person's own keys: password, second factor, recovery codes, sign-ins, API tokens (SEC-17 to SEC-22)."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Response

from core.access import own_account
from core.access.identity import Identity
from core.access.models import SignIn
from core.access.second_factor import qr_picture
from core.access.user_agents import browser_name
from core.errors import Conflict, Invalid, NotSignedIn, Refusal, TooMany
from core.web import cookies
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.shell import Page

TOKEN_LASTS = {
    "30": (timedelta(days=30), T("30 days")),
    "90": (timedelta(days=90), T("90 days")),
    "365": (timedelta(days=365), T("a year")),
    "": (None, T("without an end")),
}


def show(request: Request) -> Response:
    """The page of one's own keys; whoever has something to do first sees that alone."""
    if _identity(request).pending:
        return _first_things(request)
    return _page(request)


def _identity(request: Request) -> Identity:
    if request.identity is None:
        raise NotSignedIn(T("Sign in to go on."))
    return request.identity


# --- the page --------------------------------------------------------------------------------------


def _page(request: Request, refusal: Refusal | None = None, form: str = "") -> Response:
    """The page, with what is wrong in one of its forms."""
    session, keys = request.session, request.app.authenticator
    user = own_account.own_user(session)
    enrolled = keys.second_factors.enrolled(session, user.id)
    response = request.render(
        "security.html",
        refusal.status if refusal else 200,
        page=Page(request.translate(T("Password and sign-in")), crumbs=_crumbs(request)),
        user=user,
        enrolled=enrolled,
        codes_left=own_account.recovery_codes_left(session) if enrolled else 0,
        sign_ins=[_sign_in(request, each) for each in own_account.living_sign_ins(session, user.id)],
        tokens=own_account.living_tokens(session),
        lasts=[(value, title) for value, (_, title) in TOKEN_LASTS.items()],
        done=request.args.get("done", ""),
        **_wrong(request, refusal, form),
    )
    return _with_wait(response, refusal)


def _crumbs(request: Request) -> tuple[tuple[str, str], ...]:
    return ((request.translate(T("My settings")), request.url("core.profile")),)


def _sign_in(request: Request, row: SignIn) -> dict[str, object]:
    return {
        "id": row.id,
        "browser": browser_name(row.user_agent),
        "address": row.address,
        "created_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "this": row.id == _identity(request).sign_in_id,
    }


def _wrong(request: Request, refusal: Refusal | None, form: str) -> dict[str, object]:
    """What a template says of a refused form: its name, the messages by field, and the one for the whole."""
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    translated = {name: [request.translate(text) for text in texts] for name, texts in errors.items()}
    whole = request.translate(refusal.message, **refusal.values) if refusal and not errors else ""
    return {"wrong": form, "errors": translated, "error": whole, "typed": request.form}


def _with_wait(response: Response, refusal: Refusal | None) -> Response:
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _first_things(request: Request, refusal: Refusal | None = None) -> Response:
    """The one form somebody has to fill in before he goes on."""
    session, identity = request.session, _identity(request)
    user = own_account.own_user(session)
    step = identity.pending
    if step == "second_factor" and request.app.authenticator.second_factors.enrolled(session, user.id):
        step = "sign_in_again"
    asks_current = bool(user.password_hash) or not user.must_change_password
    status = refusal.status if refusal else 200
    asked = {"step": step, "user": user, "asks_current": asks_current, "asks_name": own_account.is_nameless(user)}
    wrong = _wrong(request, refusal, step)
    return _with_wait(request.render("security/first.html", status, **asked, **wrong), refusal)


def _refused(request: Request, refusal: Refusal, form: str) -> Response:
    """The page again with what is wrong; whatever evidence there is has been committed by the service."""
    return _first_things(request, refusal) if _identity(request).pending else _page(request, refusal, form)


def _address(request: Request) -> str:
    return request.remote_addr or ""


# --- password --------------------------------------------------------------------------------------


def change_password(request: Request) -> Response:
    """A new password, after the present one; all other sign-ins end."""
    form, identity = request.form, _identity(request)
    try:
        if form.get("password", "") != form.get("again", ""):
            raise Invalid({"again": [T("The two are not the same.")]})
        token = own_account.change_password(
            request.session,
            request.app.authenticator,
            identity,
            form.get("current_password", ""),
            form.get("password", ""),
            address=_address(request),
            name=form.get("full_name", ""),
        )
    except (Invalid, TooMany) as refusal:
        return _refused(request, refusal, "password")
    # Whoever was kept here goes on to where he was going; the next thing to do first, if any, stops him again.
    response = redirect(request.url("core.home") if identity.pending else request.url("core.security", done="password"))
    cookies.keep_token(request, response, token)
    return response


# --- e-mail address --------------------------------------------------------------------------------


def change_email(request: Request) -> Response:
    """Another e-mail address of one's own, after the password (SEC-22)."""
    form, keys = request.form, request.app.authenticator
    try:
        password, email = form.get("current_password", ""), form.get("email", "")
        own_account.change_email(request.session, keys, password, email, address=_address(request))
    except (Invalid, TooMany) as refusal:
        return _refused(request, refusal, "email")
    return redirect(request.url("core.security", done="email"))


# --- second factor ---------------------------------------------------------------------------------


def begin_second_factor(request: Request) -> Response:
    """Show a new secret for the code generator, after the password; it counts once a code has confirmed it."""
    keys, password = request.app.authenticator, request.form.get("current_password", "")
    try:
        enrolment = own_account.enrol(request.session, keys, password, address=_address(request))
    except (Invalid, TooMany, Conflict) as refusal:
        return _refused(request, refusal, "begin")
    return _enrolling(request, enrolment.secret, enrolment.uri)


def _enrolling(request: Request, secret: str, uri: str, error: str = "", status: int = 200) -> Response:
    """The key as a picture and as text, and the field for the first code."""
    return request.render("security/enrol.html", status, secret=secret, uri=uri, picture=qr_picture(uri), error=error)


def confirm_second_factor(request: Request) -> Response:
    """Turn the code generator on and show the recovery codes, this once."""
    keys, form = request.app.authenticator, request.form
    try:
        codes, token = own_account.confirm_enrolment(
            request.session, keys, _identity(request), form.get("code", "").strip(), address=_address(request)
        )
    except (Invalid, TooMany) as refusal:
        return _unconfirmed(request, refusal)
    response = request.render("security/codes.html", codes=codes, on_now=True)
    cookies.keep_token(request, response, token)
    return response


def _unconfirmed(request: Request, refusal: Refusal) -> Response:
    """The same secret again, as the form brings it back: it is sealed in the database and not read from there."""
    message = refusal.errors.get("code", [refusal.message])[0] if isinstance(refusal, Invalid) else refusal.message
    error = request.translate(message, **refusal.values)
    secret, uri = request.form.get("secret", "")[:64], request.form.get("uri", "")[:500]
    return _with_wait(_enrolling(request, secret, uri, error, refusal.status), refusal)


def remove_second_factor(request: Request) -> Response:
    """Turn the code generator off, after the password and one last code."""
    form, keys = request.form, request.app.authenticator
    try:
        token = own_account.remove_second_factor(
            request.session,
            keys,
            _identity(request),
            form.get("current_password", ""),
            form.get("code", "").strip(),
            address=_address(request),
        )
    except (Invalid, TooMany) as refusal:
        return _refused(request, refusal, "remove")
    response = redirect(request.url("core.security", done="second_factor_off"))
    cookies.keep_token(request, response, token)
    return response


def new_recovery_codes(request: Request) -> Response:
    """Ten new recovery codes instead of the old ones, after the password; shown this once."""
    keys, password = request.app.authenticator, request.form.get("current_password", "")
    try:
        codes = own_account.new_recovery_codes(request.session, keys, password, address=_address(request))
    except (Invalid, TooMany) as refusal:
        return _refused(request, refusal, "codes")
    return request.render("security/codes.html", codes=codes, on_now=False)


# --- sign-ins --------------------------------------------------------------------------------------


def end_sign_in(request: Request, sign_in_id: int) -> Response:
    """End one of one's own sign-ins (SEC-21)."""
    own_account.end_sign_in(request.session, sign_in_id)
    return redirect(request.url("core.security", done="sign_in"))


def end_other_sign_ins(request: Request) -> Response:
    """End all of one's own sign-ins but this browser's."""
    own_account.end_sign_ins(request.session, request.access.user_id or 0, keep=request.identity)
    return redirect(request.url("core.security", done="sign_ins"))


# --- API tokens ------------------------------------------------------------------------------------


def create_token(request: Request) -> Response:
    """A new API token, after the password; shown this once."""
    session, form = request.session, request.form
    try:
        lasts, _ = TOKEN_LASTS.get(form.get("lasts", "30"), TOKEN_LASTS["30"])
        user = own_account.own_user(session)
        password = form.get("current_password", "")
        request.app.authenticator.check_password(session, user, password, _address(request))
        expires_at = session.now() + lasts if lasts else None
        token = own_account.create_token(session, user, form.get("name", ""), expires_at)
    except (Invalid, TooMany) as refusal:
        return _refused(request, refusal, "token")
    return request.render("security/token.html", token=token, name=form.get("name", "").strip())


def revoke_token(request: Request, token_id: int) -> Response:
    """End one of one's own API tokens."""
    own_account.revoke_token(request.session, token_id)
    return redirect(request.url("core.security", done="token"))
