"""``forecourt user``: the accounts, for whoever keeps the machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from core.commands.instances import existing, reading, working

if TYPE_CHECKING:
    from core.access.models import User
    from core.db.engine import WorkSession


@click.group()
def user() -> None:
    """People: accounts, roles, one-time codes, API tokens."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Full name, the surname first.")
@click.option("--role", "roles", multiple=True, help="Code of a role; may be given several times.")
@click.option("--department", "departments", multiple=True, help="Title or number of a department; several times.")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True)
@click.pass_context
def user_add(
    context: click.Context, login: str, name: str, roles: tuple[str, ...], departments: tuple[str, ...], language: str
) -> None:
    """Add a person, and print his one-time code.

    It lets him in once, to choose a password.
    """
    from core.access.passwords import Passwords
    from core.access.people import create_user

    config = existing(context)
    with working(config, "user add") as session:
        _check_roles(session, roles)
        created, code = create_user(
            session,
            Passwords([config.dealership]),
            login=login,
            full_name=name,
            roles=roles,
            departments=_department_ids(session, departments),
            language=language,
        )
        login = created.login
    click.echo(f"added: {login}, one-time code {code}")


@user.command("list")
@click.pass_context
def user_list(context: click.Context) -> None:
    """All people: login, name, roles, and who is disabled."""
    from sqlalchemy import select
    from sqlalchemy.orm import selectinload

    from core.access.models import User, UserRole

    with reading(existing(context), "user list") as session:
        links = selectinload(User.role_links).selectinload(UserRole.role)
        for person in session.scalars(select(User).options(links).order_by(User.login)):
            roles = ",".join(sorted(link.role.code for link in person.role_links)) or "-"
            state = "" if person.active else "disabled"
            click.echo(f"{person.login:<20} {roles:<30} {person.full_name}  {state}".rstrip())


@user.command("code")
@click.argument("login")
@click.pass_context
def user_code(context: click.Context, login: str) -> None:
    """Print a one-time code that replaces a password.

    For somebody who has forgotten his; whoever is signed in as him is out.
    """
    from core.access.passwords import Passwords
    from core.access.people import give_code

    config = existing(context)
    with working(config, "user code") as session:
        code = give_code(session, Passwords([config.dealership]), _user(session, login))
    click.echo(f"one-time code {code}")


@user.command("roles")
@click.argument("login")
@click.argument("roles", nargs=-1)
@click.pass_context
def user_roles(context: click.Context, login: str, roles: tuple[str, ...]) -> None:
    """Give a person exactly these roles; none takes all away."""
    from core.access.people import set_roles

    with working(existing(context), "user roles") as session:
        _check_roles(session, roles)
        set_roles(session, _user(session, login), roles)
    click.echo(f"roles of {login}: {', '.join(sorted(set(roles))) or 'none'}")


@user.command("disable")
@click.argument("login")
@click.pass_context
def user_disable(context: click.Context, login: str) -> None:
    """Close an account; the person is out at once."""
    from core.access.people import disable

    with working(existing(context), "user disable") as session:
        disable(session, _user(session, login))
    click.echo(f"disabled: {login}")


@user.command("enable")
@click.argument("login")
@click.pass_context
def user_enable(context: click.Context, login: str) -> None:
    """Open a closed account again."""
    from core.access.people import enable

    with working(existing(context), "user enable") as session:
        enable(session, _user(session, login))
    click.echo(f"enabled: {login}")


@user.command("token")
@click.argument("login")
@click.argument("name")
@click.pass_context
def user_token(context: click.Context, login: str, name: str) -> None:
    """Print a key for a program that works as this person."""
    from core.access.own_account import create_token

    with working(existing(context), "user token") as session:
        token = create_token(session, _user(session, login), name)
    click.echo(token)


def _user(session: WorkSession, login: str) -> User:
    from sqlalchemy import select

    from core.access.models import User, fold_login

    found = session.scalars(select(User).where(User.login == fold_login(login))).one_or_none()
    if found is None:
        raise click.ClickException(f"There is nobody with the login «{login}»: «forecourt user list» shows them all.")
    return found


def _check_roles(session: WorkSession, codes: Iterable[str]) -> None:
    from sqlalchemy import select

    from core.access.models import Role

    known = set(session.scalars(select(Role.code)))
    _refuse_unknown("role", [code for code in codes if code not in known], known)


def _department_ids(session: WorkSession, wanted: Iterable[str]) -> list[int]:
    """Departments by title, in either language, or by number."""
    from sqlalchemy import select

    from core.access.models import Department

    departments = session.scalars(select(Department)).all()
    known = {
        name.casefold(): each.id
        for each in departments
        for name in (str(each.id), each.title_ru, each.title_en)
        if name
    }
    _refuse_unknown(
        "department", [name for name in wanted if name.casefold() not in known], [each.title_ru for each in departments]
    )
    return [known[name.casefold()] for name in wanted]


def _refuse_unknown(what: str, unknown: list[str], known: Iterable[str]) -> None:
    if unknown:
        names = ", ".join(f"«{name}»" for name in unknown)
        raise click.ClickException(f"There is no {what} {names}; there are: {', '.join(sorted(known)) or 'none'}.")
