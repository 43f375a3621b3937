"""One process has the post; when it goes, the next one gets it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db.engine import create_database_engine
from core.jobs.leader import Leader, open_leader


@pytest.fixture
def posts(database_url: str, tmp_path: Path) -> Iterator[list[Leader]]:
    """Three candidates for one post, and one for another."""
    found = [open_leader(database_url, tmp_path, name) for name in ("jobs", "jobs", "jobs", "telephony")]
    yield found
    for each in found:
        each.release()


def test_one_of_several_has_the_post(posts: list[Leader]) -> None:
    first, second, third, other = posts

    assert [first.held(), second.held(), third.held(), other.held()] == [True, False, False, True]
    assert [first.held(), second.held()] == [True, False]


def test_the_next_one_gets_it_when_it_is_given_up(posts: list[Leader]) -> None:
    first, second, third, _ = posts
    first.held()
    first.release()

    assert [second.held(), third.held()] == [True, False]


def hold(url: str, folder: Path, told: Connection) -> None:
    leader = open_leader(url, folder, "jobs")
    told.send(leader.held())
    told.recv()


def test_a_killed_process_has_lost_it(posts: list[Leader], database_url: str, tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("spawn").Process(target=hold, args=(database_url, tmp_path, theirs))
    holder.start()
    assert ours.recv()
    assert not posts[0].held()

    holder.kill()
    holder.join()

    assert until_held(posts[0])


def until_held(post: Leader) -> bool:
    """PostgreSQL notices within moments that a client is gone."""
    return any(post.held() for _ in range(2000))


def test_a_cut_connection_is_noticed_and_the_post_taken_again(posts: list[Leader], database_url: str) -> None:
    if database_url.startswith("sqlite"):
        assert posts[0].held()  # a file has no connection that could be cut
        return
    first, second, *_ = posts
    assert first.held()
    engine = create_database_engine(database_url)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()

    assert until_held(second)
    assert not first.held()


def test_the_lock_of_root_is_the_owners_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else ``forecourt upgrade`` as root would be the last one that the service could follow."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _descriptor, user, group: given.append((user, group)))
    owner = tmp_path.stat()
    for _ in range(2):
        leader = open_leader("sqlite:///unused.db", tmp_path, "upgrade")
        assert leader.held()
        leader.release()
    assert given == [(owner.st_uid, owner.st_gid)]


def test_a_link_in_place_of_a_lock_leads_nowhere(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    (tmp_path / "upgrade.lock").symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"):
        open_leader("sqlite:///unused.db", tmp_path, "upgrade").held()
    assert other.read_text() == "kept"
