"""The generated list as a browser meets it."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice, permutations
from typing import Any

import pytest

from core.access.models import User
from core.access.policy import Access, Scope, system
from core.testing.statements import Statements
from core.web import mounted
from core.web.listing import keyset
from tests.screens.conftest import NOW, ScreensApplication, Visitor, access

HOSTILE = """"><script>alert(1)</script>&'{{ 7*7 }}%s\x1f"""


def add_visits(app: ScreensApplication, number: int, **values: Any) -> list[int]:
    """Visits, the newest first."""
    from testscreens.models import Visit

    with app.database.writing(system("tests")) as session:
        visits = [
            Visit(**({"title": f"visit {place}", "at": NOW - timedelta(minutes=place), "owner_id": 1} | values))
            for place in range(number)
        ]
        session.add_all(visits)
        session.flush()
        return [visit.id for visit in visits]


def shown_ids(page: str) -> list[int]:
    """The rows of a page in their order."""
    return [int(number) for number in re.findall(r'<tr data-row="(\d+)"', page)]


def query_of(page: str, label: str) -> str | None:
    """Where the page's «next» or «previous» leads."""
    found = re.search(rf'href="/visits\?([^"]*)" aria-label="{label}"', page)
    return found[1].replace("&amp;", "&") if found else None


def test_the_list_shows_its_columns(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 1, phone="+79031234567", amount=1810050, urgent=True, state="done", score=12345)
    page = visitor.get("/visits").text
    assert "visit 0" in page
    assert "+7 903 123-45-67" in page
    assert "18,100.50\N{NO-BREAK SPACE}₽" in page
    assert '<span class="pill ok">Done</span>' in page
    assert '<span class="pill s bad">urgent</span>' in page
    assert "12,345" in page
    assert "14:07" in page


def test_in_russian_words_are_russian(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 1, at=NOW - timedelta(days=3), score=12345)
    app.person = access(language="ru")
    page = visitor.get("/visits").text
    assert "17 ноября, 14:07" in page
    assert "12\N{NO-BREAK SPACE}345" in page


def test_hostile_values_stay_text(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-25: in cells, second lines, links, checkbox labels and search boxes."""
    from testscreens.models import Client, Visit

    with app.database.writing(system("tests")) as session:
        client = Client(name=HOSTILE)
        session.add(client)
        session.flush()
        session.add(Visit(title=HOSTILE[:60], at=NOW, phone=HOSTILE[:20], state="<b>", client_id=client.id, owner_id=1))
        session.add(Visit(title="plain", at=NOW, owner_id=1))
    page = visitor.get("/visits", q=HOSTILE).text + visitor.get("/visits").text
    assert "<script>alert" not in page
    assert "<b>" not in page.replace('<b class="visually-hidden', "")
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_pages_follow_each_other(app: ScreensApplication, visitor: Visitor) -> None:
    ids = add_visits(app, 200)
    first = visitor.get("/visits").text
    assert shown_ids(first) == ids[:80]
    assert query_of(first, "Previous page") is None
    second = visitor.get(f"/visits?{query_of(first, 'Next page')}").text
    assert shown_ids(second) == ids[80:160]
    assert "81–160" in second
    last = visitor.get(f"/visits?{query_of(second, 'Next page')}").text
    assert shown_ids(last) == ids[160:]
    assert query_of(last, "Next page") is None
    back = visitor.get(f"/visits?{query_of(last, 'Previous page')}").text
    assert shown_ids(back) == ids[80:160]


@pytest.mark.parametrize("sort", ["score", "-score", "nick", "client", "-client", "title", "amount", "-margin", "day"])
def test_any_column_sorts_and_pages(app: ScreensApplication, visitor: Visitor, sort: str) -> None:
    from testscreens.models import Client, Visit

    with app.database.writing(system("tests")) as session:
        clients = [Client(name=name) for name in ("Б", "А")]
        session.add_all(clients)
        session.flush()
        for place in range(170):
            session.add(
                Visit(
                    title=f"t{place % 9}",
                    at=NOW,
                    score=place % 5 or None,
                    nick=None if place % 4 else f"n{place % 3}",
                    amount=place % 7 or None,
                    margin=place % 3 or None,
                    day=None if place % 2 else NOW.date() - timedelta(days=place % 5),
                    client_id=clients[place % 2].id if place % 3 else None,
                )
            )
    seen: list[int] = []
    query: str | None = f"sort={sort}"
    while query is not None:
        page = visitor.get(f"/visits?{query}").text
        seen += shown_ids(page)
        query = query_of(page, "Next page")
    assert len(seen) == len(set(seen)) == 170


def test_the_number_of_statements_does_not_grow(app: ScreensApplication, visitor: Visitor) -> None:
    """PERFORMANCE: a list takes four statements, its strip among them, and one for each strip of another addon."""
    add_visits(app, 10)
    visitor.get("/visits")
    with Statements(app.database) as ten:
        assert len(shown_ids(visitor.get("/visits").text)) == 10
    add_visits(app, 90)
    with Statements(app.database) as hundred:
        assert len(shown_ids(visitor.get("/visits").text)) == 80
    assert len(hundred.texts) == len(ten.texts)
    own = [
        text for text in hundred.texts if "core_saved_filter" in text or "testscreens_" in text or "testextra_" in text
    ]
    assert len(own) <= 4 + 1


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "sort=colour",
        "sort=-",
        "sort=ticket",
        "group=colour",
        "cols=at,colour",
        "state=purple",
        "state=new&state=purple",
        "at=yesteryear",
        "at=2026-02-30..",
        "at=..",
        "at=today&at=week",
        "owner=99999999999999999999",
        "owner=-1",
        "owner=you",
        "urgent=2",
        "amount=a..b",
        "amount=99999999999999999999..",
        "after=nonsense",
        "before=nonsense",
        f"after={keyset.encode(['0001-01-01T00:00:00+05:00', 1])}",
        "client=x",
        "ticket=maybe",
        "at.middle=2026-01-01",
        "state.from=1",
        "view=calendar",
        "nick=a%00b",
        "q=%00",
        "%00=1",
    ],
)
def test_what_is_not_understood_is_400(app: ScreensApplication, visitor: Visitor, query: str) -> None:
    """SEC-29, SEC-30: names are looked up among the declared ones; values that mean nothing are refused."""
    assert visitor.get(f"/visits?{query}").status_code == 400


def test_only_so_many_orders_of_columns_are_remembered(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address may ask for any of them: what is worked out for one must not fill the memory."""
    monkeypatch.setattr(mounted, "MOST_KEPT", 5)
    screen = app.screens["testscreens.visits"]
    for columns in islice(permutations(("at", "title", "state", "score")), 12):
        assert visitor.get(f"/visits?cols={','.join(columns)}").status_code == 200
    assert 0 < len(screen.plans) <= 5
    assert 0 < len(screen.row_patterns) <= 5


@pytest.mark.parametrize("query", ["sort=margin", "margin=1..2", "cols=margin"])
def test_a_forbidden_field_is_unknown(app: ScreensApplication, visitor: Visitor, query: str) -> None:
    """SEC-4: to those without the right its name answers like any unknown one, and nothing shows its value."""
    add_visits(app, 1, margin=31415900)
    assert visitor.get(f"/visits?{query}").status_code == 200
    assert "314,159" in visitor.get("/visits").text
    app.person = access(margin=Scope.NONE)
    assert visitor.get(f"/visits?{query}").status_code == 400
    assert "314,159" not in visitor.get("/visits").text


def test_filters_choose_rows(app: ScreensApplication, visitor: Visitor) -> None:
    from testscreens.models import Client, Visit

    with app.database.writing(system("tests")) as session:
        client = Client(name="Иванов")
        session.add(client)
        session.flush()
        rows = [
            Visit(
                title="a", at=NOW, state="new", owner_id=1, urgent=True, amount=100_00, nick="Лёва", client_id=client.id
            ),
            Visit(title="b", at=NOW - timedelta(days=1), state="done", owner_id=2, amount=200_00),
            Visit(title="c", at=NOW - timedelta(days=40), state="bad", amount=300_00, day=NOW.date()),
        ]
        session.add_all(rows)
        session.flush()
        a, b, c = [row.id for row in rows]
        client_id = client.id

    def found(query: str) -> list[int]:
        return shown_ids(visitor.get(f"/visits?{query}").text)

    assert found("state=new") == [a]
    assert found("state=new&state=bad") == [a, c]
    assert found("at=today") == [a]
    assert found("at=yesterday") == [b]
    assert found("at=week") == [a, b]
    assert found("at=2026-10-01..2026-10-31") == [c]
    assert found("at.from=2026-11-20&at.to=") == [a]
    assert found("at=..2026-11-19") == [b, c]
    assert found("day=2026-11-20") == [c]
    assert found("owner=me") == [a]
    assert found("owner=2") == [b]
    assert found("owner=none") == [c]
    assert found("owner=none&owner=2") == [b, c]
    assert found("urgent=1") == [a]
    assert found("urgent=0") == [b, c]
    assert found("amount=150..250") == [b]
    assert found("amount=200") == [b]
    assert found("amount=199,99..200,01") == [b]
    assert found("amount=100,01..199,99") == []
    assert found("amount.from=250") == [c]
    assert found("nick=лёва") == [a]
    assert found(f"client={client_id}") == [a]
    assert found("client=none") == [b, c]
    assert found("state=&at=&q=") == [a, b, c]
    # The same shape again with other values: the prepared statement gets them.
    assert found("state=done") == [b]
    assert found("owner=1") == [a]
    assert found("amount=300") == [c]


def test_a_day_is_the_reader_s_day(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-55: a quarter past midnight in Moscow is yesterday in Greenwich."""
    [number] = add_visits(app, 1, at=NOW.replace(hour=21, minute=15) - timedelta(days=1))
    assert shown_ids(visitor.get("/visits?at=today").text) == [number]


def test_tags_name_the_filters_and_take_them_away(app: ScreensApplication, visitor: Visitor) -> None:
    page = visitor.get("/visits?state=new&owner=2&at=week").text
    assert "State: New" in page
    assert "Owner: Boris P." in page
    assert re.search(r'Owner: Boris P\.<a href="/visits\?state=new&amp;at=week"', page)


def test_the_search_finds_however_it_is_typed(app: ScreensApplication, visitor: Visitor) -> None:
    from core.text.folding import search_key

    ids = add_visits(app, 1, search_key=search_key("Иванов Виктор"))
    add_visits(app, 3, search_key=search_key("Петров"))
    for typed in ("иванов", "bdfyjd", "ivanov", "виктор иван"):
        assert shown_ids(visitor.get("/visits", q=typed).text) == ids, typed
    assert shown_ids(visitor.get("/visits", q="!!!").text) == []


def test_row_rules_hold_in_pages_counts_groups(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-2, SEC-3: a person sees, counts and groups his own rows only; a joined record of others stays blank."""
    from testscreens.models import Client, Visit

    with app.database.writing(system("tests")) as session:
        foreign = Client(name="Foreign client", owner_id=2)
        session.add(foreign)
        session.flush()
        mine = Visit(title="mine", at=NOW, owner_id=1, client_id=foreign.id)
        session.add_all([mine, Visit(title="theirs", at=NOW, owner_id=2)])
        session.flush()
        mine_id = mine.id
    app.person = access(read=Scope.OWN)
    app.person = Access(
        user_id=1, name="Anna", language="en", grants=dict(app.person.grants) | {"testscreens.client.read": Scope.OWN}
    )
    page = visitor.get("/visits").text
    assert shown_ids(page) == [mine_id]
    assert "Foreign client" not in page
    assert "theirs" not in page
    assert "1 row" in visitor.get("/visits?group=state").text
    counts = visitor.get("/visits/counts").text
    assert "1–1 of 1" in counts
    assert visitor.get("/visits/export").status_code == 405


def test_two_people_share_a_statement_and_not_the_rows(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-2: kept statements carry the criteria of whoever runs them."""
    mine, theirs = add_visits(app, 1, owner_id=1), add_visits(app, 1, owner_id=2)
    for _ in range(3):
        app.person = access(1, read=Scope.OWN)
        assert shown_ids(visitor.get("/visits").text) == mine
        app.person = access(2, read=Scope.OWN)
        assert shown_ids(visitor.get("/visits").text) == theirs
        app.person = access(3, read=Scope.OWN)
        assert shown_ids(visitor.get("/visits").text) == []
        app.person = access(3, read=Scope.ALL)
        assert len(shown_ids(visitor.get("/visits").text)) == 2


def test_an_addon_s_column_is_fetched_once(app: ScreensApplication, visitor: Visitor) -> None:
    from testextra.models import Ticket

    ids = add_visits(app, 60)
    with app.database.writing(system("tests")) as session:
        session.add_all(Ticket(visit_id=number, place=f"P-{number}") for number in ids)
    with Statements(app.database) as statements:
        page = visitor.get("/visits").text
    assert f"P-{ids[3]}" in page
    assert len(statements.about("testextra_ticket")) == 1
    assert page.index(">Title<") < page.index(">Ticket<") < page.index(">Client<") or "Ticket" in page


@pytest.mark.parametrize("how", ["fetch", "fetch gives"])
def test_an_addon_that_fails_leaves_empty_cells_and_a_box(app: ScreensApplication, visitor: Visitor, how: str) -> None:
    """SEC-59."""
    from testextra import BROKEN

    ids = add_visits(app, 2)
    BROKEN.add(how)
    try:
        answer = visitor.get("/visits")
    finally:
        BROKEN.clear()
    assert answer.status_code == 200
    assert shown_ids(answer.text) == ids
    assert "The addon “Extra” did not answer" in answer.text


def test_an_addon_s_grouping_breaks_the_list_down_on_every_page(app: ScreensApplication, visitor: Visitor) -> None:
    """X-14: by what another addon knows of the rows; those it knows nothing of come last."""
    from testextra.models import Ticket

    ids = add_visits(app, 110)
    with app.database.writing(system("tests")) as session:
        session.add_all(Ticket(visit_id=number, place=f"P-{number % 2}") for number in ids[:100])
    page = visitor.get("/visits?group=place").text
    assert "50 rows" in page
    seen: list[int] = []
    query: str | None = "group=place"
    while query is not None:
        page = visitor.get(f"/visits?{query}").text
        seen += shown_ids(page)
        query = query_of(page, "Next page")
    assert sorted(seen) == sorted(ids)
    assert "No ticket" in page


@pytest.mark.parametrize("how", ["words", "words give"])
def test_an_addon_that_fails_to_name_its_groups_leaves_them_their_keys(
    app: ScreensApplication, visitor: Visitor, how: str
) -> None:
    """SEC-59."""
    from testextra import BROKEN
    from testextra.models import Ticket

    (number,) = add_visits(app, 1)
    with app.database.writing(system("tests")) as session:
        session.add(Ticket(visit_id=number, place="P-1"))
    assert "First place" in visitor.get("/visits?group=place").text
    BROKEN.add(how)
    try:
        answer = visitor.get("/visits?group=place")
    finally:
        BROKEN.clear()
    assert shown_ids(answer.text) == [number]
    assert "P-1" in answer.text


def test_an_addon_s_filter_and_condition(app: ScreensApplication, visitor: Visitor) -> None:
    from testextra.models import Ticket

    first, second = add_visits(app, 2)
    with app.database.writing(system("tests")) as session:
        session.add(Ticket(visit_id=second, place="x"))
    assert shown_ids(visitor.get("/visits?ticket=yes").text) == [second]
    assert shown_ids(visitor.get("/visits?ticket=no").text) == [first]
    assert "Ticket: With a ticket" in visitor.get("/visits?ticket=yes").text


def test_groups_have_counts_totals_and_close(app: ScreensApplication, visitor: Visitor) -> None:
    new = add_visits(app, 3, state="new", amount=100_00)
    done = add_visits(app, 2, state="done", amount=50_00)
    page = visitor.get("/visits?group=state").text
    assert shown_ids(page) == done + new
    assert "3 rows" in page
    assert "sum 300" in page
    closed = visitor.get("/visits?group=state&closed=done").text
    assert shown_ids(closed) == new
    assert 'aria-expanded="false"' in closed
    assert "2 rows" in closed


def test_groups_page_without_losing_rows(app: ScreensApplication, visitor: Visitor) -> None:
    from testscreens.models import Client

    with app.database.writing(system("tests")) as session:
        clients = [Client(name=f"c{number}") for number in range(3)]
        session.add_all(clients)
        session.flush()
        numbers = [client.id for client in clients]
    for number in [*numbers, None]:
        add_visits(app, 50, client_id=number)
    seen: list[int] = []
    query: str | None = "group=client"
    while query is not None:
        page = visitor.get(f"/visits?{query}").text
        seen += shown_ids(page)
        query = query_of(page, "Next page")
    assert len(seen) == len(set(seen)) == 200
    assert "No client" in page


def test_an_empty_list_counts_no_rows(app: ScreensApplication, visitor: Visitor) -> None:
    assert ">0 rows</span>" in visitor.get("/visits?q=nothing").text
    assert ">0 rows</span>" in visitor.get("/visits/counts?q=nothing").text


def test_a_list_offers_only_what_it_can(app: ScreensApplication, visitor: Visitor) -> None:
    """No box to search in and no key to select by where nothing answers them."""
    visits, clients = visitor.get("/visits").text, visitor.get("/visitors").text
    assert ['role="search"' in page for page in (visits, clients)] == [True, False]
    assert ["<kbd>Space</kbd> select" in page for page in (visits, clients)] == [True, False]


def test_the_ends_of_a_span_come_in_any_order(app: ScreensApplication, visitor: Visitor) -> None:
    """Days whose years differ say them, and a day of long ago is as good as none."""
    add_visits(app, 1, amount=500_00)
    there = ["at=2027-01-05..2026-11-01", "at=0001-01-01..2026-11-30", "at=2026-11-01..9999-12-31", "amount=900..100"]
    assert [len(shown_ids(visitor.get(f"/visits?{query}").text)) for query in there] == [1, 1, 1, 1]
    assert "1 Nov 2026 – 5 Jan 2027" in visitor.get("/visits?at=2027-01-05..2026-11-01").text
    assert "1 Nov – 5 Nov" in visitor.get("/visits?at=2026-11-05..2026-11-01").text


def test_counts_are_capped_until_asked(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 1005, state="new")
    page = visitor.get("/visits/counts").text
    assert "1–80 of 1,000+" in page
    assert "1–80 of 1,005" in visitor.get("/visits/counts?exact=1").text
    assert re.search(r'New\s*<span class="n bad">1,000\+</span>', page)


def test_the_row_one_came_from_is_marked(app: ScreensApplication, visitor: Visitor) -> None:
    ids = add_visits(app, 3)
    page = visitor.get(f"/visits?row={ids[1]}").text
    assert f'<tr data-row="{ids[1]}" class="cur"' in page


def test_the_filter_panel(app: ScreensApplication, visitor: Visitor) -> None:
    panel = visitor.get("/visits/filters?state=new&at=2026-11-01..2026-11-20&sort=score").text
    assert "Boris P." in panel
    assert '<input type="hidden" name="sort" value="score">' in panel
    assert 'name="at.from" value="2026-11-01"' in panel
    assert visitor.get("/visits?panel=1").text.count('class="filter-panel"') == 1
    app.person = access(margin=Scope.NONE)
    assert "Margin" not in visitor.get("/visits/filters").text


def test_without_the_right_there_is_no_list(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-1."""
    app.person = access(read=Scope.NONE)
    for path in ("/visits", "/visits/counts", "/visits/filters", "/visits/1", "/visits/columns", "/visits/saved"):
        assert visitor.get(path).status_code == 403, path


def test_the_empty_list_says_what_to_do(app: ScreensApplication, visitor: Visitor) -> None:
    assert "Nothing is here yet." in visitor.get("/visits").text
    assert "Nothing matches this filter." in visitor.get("/visits?state=new").text


def test_heads_and_cells_agree_for_everybody(app: ScreensApplication, visitor: Visitor) -> None:
    """Whoever may do nothing in bulk gets no boxes, neither in the head nor in the rows."""
    add_visits(app, 1)
    for person, boxes in ((access(), 2), (access(change=Scope.NONE, assign=Scope.NONE), 0)):
        app.person = person
        table = visitor.get("/visits").text.partition("<table")[2].partition("</table>")[0]
        assert table.count("<th") - table.count("<thead") == table.count("<td")
        assert table.count('type="checkbox"') == boxes


def test_the_strip_follows_the_filter_and_may_fail(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-59."""
    from testscreens import BROKEN

    add_visits(app, 2, amount=100_00, state="new")
    add_visits(app, 1, amount=500_00, state="done")
    assert "sum 200 ₽" in visitor.get("/visits?state=new").text.replace("\N{NO-BREAK SPACE}", " ")
    BROKEN.add("strip")
    try:
        answer = visitor.get("/visits")
    finally:
        BROKEN.clear()
    assert answer.status_code == 200
    assert "The addon “Sample” did not answer" in answer.text


def test_another_addons_strip_follows_the_filter_and_fails_alone(app: ScreensApplication, visitor: Visitor) -> None:
    from testextra import BROKEN

    add_visits(app, 2, amount=100_00, state="new")
    add_visits(app, 1, amount=500_00, state="done")
    assert "2 on the way" in visitor.get("/visits?state=new").text
    BROKEN.add("extra strip")
    try:
        page = visitor.get("/visits?state=new").text
    finally:
        BROKEN.clear()
    assert "on the way" not in page
    assert "did not answer" in page
    assert "sum 200" in page


def test_another_view_of_the_same_rows(app: ScreensApplication, visitor: Visitor) -> None:
    new, done = add_visits(app, 1, state="new"), add_visits(app, 1, state="done")
    page = visitor.get("/visits?view=board&state=new").text
    assert f'data-card="{new[0]}"' in page
    assert f'data-card="{done[0]}"' not in page
    assert "view=board" in visitor.get("/visits?state=new").text


def test_a_list_without_a_search_refuses_one(app: ScreensApplication, visitor: Visitor) -> None:
    for path in ("/visitors", "/visitors/counts"):
        assert visitor.get(path, q="x").status_code == 400
    assert visitor.post("/visitors/export", query="q=x", format="csv").status_code == 400
    assert 'name="q"' not in visitor.get("/visitors").text.partition("<main")[2].partition("</main>")[0]


def test_columns_may_hold_queries_of_their_own(app: ScreensApplication, visitor: Visitor) -> None:
    """A correlated count, and a look at the whole table from within: both mean what they say on every page."""
    from testscreens.models import Part

    ids = add_visits(app, 90)
    with app.database.writing(system("tests")) as session:
        session.add_all([Part(visit_id=ids[0]), Part(visit_id=ids[0]), Part(visit_id=ids[85])])
    first = visitor.get("/visits?cols=title,parts,newest").text
    second = visitor.get(f"/visits?{query_of(first, 'Next page')}").text
    assert shown_ids(second) == ids[80:]
    cells = {
        int(number): re.findall(r'<td class="m-hide num right">(\d*)</td>', row)[0]
        for page in (first, second)
        for number, row in re.findall(r'<tr data-row="(\d+)"(.*?)</tr>', page, re.DOTALL)
    }
    assert {number: value for number, value in cells.items() if value != "0"} == {ids[0]: "2", ids[85]: "1"}
    marked = [page.count('aria-label="yes"') for page in (first, second)]
    assert marked == [1, 0]
    assert shown_ids(visitor.get("/visits?sort=-parts").text)[:2] == [ids[0], ids[85]]


def test_people_exist(app: ScreensApplication) -> None:
    with app.database.reading(system("tests")) as session:
        assert session.get(User, 1) is not None
