"""The substring search: what it finds on both databases, and that its index keeps up with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Text, delete, func, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column

from core.db.migrations import Migrations, make_within
from core.db.search_index import SEARCHED, matches
from tests.db.histories import write_revision


class _Models(DeclarativeBase):
    pass


class Person(_Models):
    __tablename__ = "shop_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    search_key: Mapped[str | None] = mapped_column(Text, info=SEARCHED)


KEYS = ["иванов иван 79161234567", "петров пётр", 'o\'neil "shaq"', "100% хлопок_шёлк", "ива", "и", "back\\slash"]


@pytest.fixture
def session(engine: Engine, tmp_path: Path) -> Iterator[Session]:
    """A session on a table with a search index, made by migrations, with the keys above as its rows."""
    folder = tmp_path / "revisions"
    Migrations(engine).revision("shop", folder, _Models.metadata, "step")
    Migrations(engine).upgrade("shop", folder)
    with Session(engine) as session:
        session.add_all(Person(search_key=key) for key in KEYS)
        session.add(Person(search_key=None))
        session.commit()
        yield session


def _found(session: Session, fragment: str) -> list[str | None]:
    return list(session.scalars(select(Person.search_key).where(matches(session, Person.search_key, fragment))))


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("ван", ["иванов иван 79161234567"]),
        ("ов иван 79", ["иванов иван 79161234567"]),
        ("  ов   иван ", ["иванов иван 79161234567"]),
        ("1234567", ["иванов иван 79161234567"]),
        ("ива", ["иванов иван 79161234567", "ива"]),
        ("и", ["иванов иван 79161234567", "ива", "и"]),
        ("пё", ["петров пётр"]),
        ("ва", []),
        ("в", []),
        ("79", ["иванов иван 79161234567"]),
        ("0%", []),
        ("00%", ["100% хлопок_шёлк"]),
        ("к_ш", ["100% хлопок_шёлк"]),
        ("к%ш", []),
        ("%", []),
        ('"shaq"', ['o\'neil "shaq"']),
        ("'neil", ['o\'neil "shaq"']),
        ('"', ['o\'neil "shaq"']),
        ("ck\\sl", ["back\\slash"]),
        ("нет такого", []),
        ("ива OR петров", []),
        ("shop*", []),
    ],
)
def test_fragments(session: Session, fragment: str, expected: list[str]) -> None:
    assert sorted(_found(session, fragment), key=str) == sorted(expected)


def test_an_empty_fragment_finds_everything(session: Session) -> None:
    assert len(_found(session, "  ")) == len(KEYS) + 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("аби 1%_'\"\\*-^:()", max_size=8), st.text("аби 1%_'\"\\*-^:()", max_size=6))
def test_any_text_is_found_as_python_would_find_it(session: Session, key: str, fragment: str) -> None:
    key, fragment = " ".join(key.split()), " ".join(fragment.split())
    session.execute(update(Person).where(Person.id == 1).values(search_key=key))
    if len(fragment) >= 3 or not fragment:
        expected = fragment in key
    else:
        expected = f" {fragment}" in f" {key}"
    assert (key in _found(session, fragment)) == expected
    session.rollback()


def test_the_index_follows_changed_and_deleted_rows(session: Session) -> None:
    person = session.scalars(select(Person).where(Person.search_key == "ива")).one()
    person.search_key = "сидорова"
    session.commit()
    assert _found(session, "сидор") == ["сидорова"]
    assert _found(session, "ива") == ["иванов иван 79161234567"]
    person.search_key = None
    session.commit()
    assert _found(session, "сидор") == []
    session.execute(delete(Person).where(Person.search_key.startswith("иванов")))
    session.commit()
    assert _found(session, "ива") == []


def test_an_alias_is_searched_by_its_own_rows(session: Session) -> None:
    other = aliased(Person)
    query = select(other.search_key).where(matches(session, other.search_key, "петр"))
    assert session.scalars(query).all() == ["петров пётр"]


def test_a_table_rebuild_keeps_the_search(session: Session, engine: Engine, tmp_path: Path) -> None:
    """SQLite drops a rebuilt table's triggers without a word."""
    folder = tmp_path / "revisions"
    write_revision(
        folder,
        2,
        "op.execute(\"DELETE FROM shop_person WHERE search_key LIKE 'петр%'\")\n"
        '    with op.batch_alter_table("shop_person") as batch: batch.alter_column("search_key", type_=sa.String(99))',
    )
    Migrations(engine).upgrade("shop", folder)
    session.add(Person(search_key="новиков"))
    session.execute(update(Person).where(Person.search_key == "ива").values(search_key="сидорова"))
    session.commit()
    assert _found(session, "нови") == ["новиков"]
    assert _found(session, "ива") == ["иванов иван 79161234567"]
    assert _found(session, "сидор") == ["сидорова"]
    assert _found(session, "петр") == []


def test_a_rebuild_on_the_way_back_or_to_an_older_revision_keeps_the_search(engine: Engine, tmp_path: Path) -> None:
    folder, migrations = tmp_path / "revisions", Migrations(engine)
    migrations.revision("shop", folder, _Models.metadata, "step")
    narrow, wide = (
        f'with op.batch_alter_table("shop_person") as batch: batch.alter_column("search_key", type_={type_})'
        for type_ in ("sa.String(99)", "sa.Text()")
    )
    revision = write_revision(folder, 2, narrow, wide)
    renewed = (
        'op.drop_search_index("shop_person", "search_key")\n    op.create_search_index("shop_person", "search_key")'
    )
    write_revision(folder, 3, f"{wide}\n    {renewed}", f"{narrow}\n    {renewed}")
    migrations.upgrade("shop", folder)
    assert len(migrations.downgrade("shop", folder)) == 3
    with migrations.changing("shop") as connection:
        make_within(connection, "shop", folder, revision)
    with Session(engine) as session:
        session.add(Person(search_key="новиков"))
        session.commit()
        assert _found(session, "нови") == ["новиков"]


def test_the_index_is_used(session: Session) -> None:
    """Neither database reads the table row by row."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))
    for fragment in ("иванов", "пё", "и"):
        query = select(func.count()).select_from(Person).where(matches(session, Person.search_key, fragment))
        sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN " if session.get_bind().dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + sql))
        assert "VIRTUAL TABLE INDEX" in plan or "ix_shop_person_search_key_trgm" in plan
        assert "SCAN shop_person'" not in plan
        assert "Seq Scan" not in plan
