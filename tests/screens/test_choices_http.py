"""Kept filters, chosen columns, exports and bulk actions as a browser meets them."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import Client as HttpClient

from core.access.policy import Scope, system
from core.db.audit import AuditEntry, AuditValue
from core.testing.statements import Statements
from core.web.listing import bulk, export, page
from core.web.listing.saved import SavedFilter
from tests.screens.conftest import NOW, ScreensApplication, Visitor, access
from tests.screens.test_lists_http import add_visits


def saved(app: ScreensApplication) -> list[SavedFilter]:
    with app.database.reading(system("tests")) as session:
        return list(session.scalars(select(SavedFilter).order_by(SavedFilter.id)))


def person(number: int = 1, *, share: bool = False) -> Any:
    found = access(number)
    grants = dict(found.grants) | ({"core.saved_filter.share": Scope.OWN} if share else {})
    return type(found)(user_id=number, name="P", grants=grants, language="en")


# --- kept filters -----------------------------------------------------------------------------


def test_a_filter_is_kept_and_is_a_tab(app: ScreensApplication, visitor: Visitor) -> None:
    answer = visitor.post("/visits/saved", query="state=new&sort=-score&group=state", name="  My  new ones ")
    assert answer.location == "/visits?state=new&sort=-score&group=state"
    page = visitor.get(answer.location).text
    assert re.search(r'aria-current="page">My new ones', page)
    keeping = visitor.get("/visits/saved?query=state%3Dnew%26group%3Dstate").text
    assert "State: New; Groups: State" in keeping
    app.person = person(2)
    assert "My new ones" not in visitor.get("/visits").text


def test_a_name_that_is_too_long_is_refused_and_not_cut(app: ScreensApplication, visitor: Visitor) -> None:
    answer = visitor.post("/visits/saved", query="state=new", name="x" * 81)
    assert (answer.status_code, saved(app)) == (422, [])
    assert "x" * 81 in answer.text


def test_a_shared_filter_is_everybody_s_and_only_its_owner_changes_it(
    app: ScreensApplication, visitor: Visitor
) -> None:
    """SEC-8, SEC-3: somebody else's filter is answered like a missing one."""
    app.person = person(1, share=True)
    visitor.post("/visits/saved", query="state=new", name="Shared", shared="1")
    app.person = person(2)
    assert ">Shared" in visitor.get("/visits").text
    [kept] = saved(app)
    for path in (f"/visits/saved/{kept.id}", f"/visits/saved/{kept.id}/delete", "/visits/saved/999999"):
        assert visitor.post(path, name="Mine now").status_code == 404
    assert visitor.post("/visits/saved", query="", name="x", shared="1").status_code == 403
    assert [each.name for each in saved(app)] == ["Shared"]


def test_renaming_preferring_and_deleting(app: ScreensApplication, visitor: Visitor) -> None:
    for name in ("One", "Two"):
        visitor.post("/visits/saved", query="state=new" if name == "One" else "state=done", name=name)
    one, two = saved(app)
    assert visitor.post(f"/visits/saved/{one.id}", name="Two").status_code == 422
    visitor.post(f"/visits/saved/{one.id}", name="First", default="1")
    assert visitor.get("/visits").location == "/visits?state=new"
    assert visitor.get("/visits?q=").status_code == 200
    visitor.post(f"/visits/saved/{two.id}", name="Two", default="1")
    assert [each.is_default for each in saved(app)] == [False, True]
    visitor.post(f"/visits/saved/{two.id}/delete")
    assert [each.name for each in saved(app)] == ["First"]
    assert visitor.get("/visits").status_code == 200


@pytest.mark.parametrize(
    ("query", "name", "status"),
    [("state=new", "", 422), ("state=new", "x" * 81, 422), ("colour=red", "x", 400), ("%ff=1", "x", 400)],
)
def test_a_filter_that_means_nothing_is_not_kept(
    app: ScreensApplication, visitor: Visitor, query: str, name: str, status: int
) -> None:
    """SEC-29."""
    assert visitor.post("/visits/saved", query=query, name=name).status_code == status
    assert saved(app) == []


def test_a_kept_filter_outlives_a_filter_of_a_removed_addon(app: ScreensApplication, visitor: Visitor) -> None:
    with app.database.writing(access()) as session:
        session.add(SavedFilter(user_id=1, screen="testscreens.visits", name="Old", query="gone=1&state=new"))
    page = visitor.get("/visits").text
    assert 'href="/visits?state=new">Old' in page
    assert visitor.get("/visits/counts").status_code == 200


# --- columns ----------------------------------------------------------------------------------


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]*?)(?: <span|</a>|</th>)', page)


def test_columns_are_chosen_ordered_and_remembered(app: ScreensApplication, visitor: Visitor) -> None:
    fields = {"column": ["nick", "title", "colour"], "place.nick": "1", "place.title": "2", "place.at": "x"}
    assert visitor.post("/visits/columns", **fields).status_code == 303
    assert heads(visitor.get("/visits").text) == ["Nick", "Title"]
    assert heads(visitor.get("/visits?cols=at,title").text) == ["Time", "Title"]
    assert "checked" in visitor.get("/visits/columns").text
    visitor.post("/visits/columns", reset="1")
    assert "Nick" not in heads(visitor.get("/visits").text)
    assert "Score" in heads(visitor.get("/visits").text)


# --- export -----------------------------------------------------------------------------------


def rows_of_csv(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def audited(app: ScreensApplication, action: str) -> list[dict[str, Any]]:
    with app.database.reading(system("tests")) as session:
        joined = select(AuditValue.changes).join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        return list(session.scalars(joined.where(AuditEntry.action == action)))


def test_an_export_holds_all_filtered_rows_in_the_shown_order(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-35: the heads first, and a line with the filters and the number of rows in the audit trail."""
    ids = add_visits(app, 130, state="new", amount=1810050, phone="+79031234567")
    add_visits(app, 5, state="done")
    query = "state=new&sort=at&cols=title,amount,ticket,state"
    answer = visitor.post("/visits/export", query=query, format="csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = rows_of_csv(answer)
    assert rows[0] == ["Title", "Telephone", "Amount", "Ticket", "State"]
    assert len(rows) == 1 + len(ids)
    assert rows[1] == ["visit 129", "+79031234567", "18100,5", "", "New"]
    assert audited(app, "export") == [
        {
            "screen": "testscreens.visits",
            "format": "csv",
            "filter": "state=new&sort=at&cols=title%2Camount%2Cticket%2Cstate",
            "rows": 130,
        }
    ]


PRINT = re.compile(r'<form method="post" action="([^"]+)"((?:(?!</form>).)*)aria-label="Print all rows"', re.DOTALL)


def printed(page: str) -> list[str]:
    return re.findall(r'<tr data-row="(\d+)"', page)


def test_a_list_is_printed_with_all_filtered_rows(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-35: as an export is noted, so is what goes on paper."""
    ids = add_visits(app, 130, state="new")
    add_visits(app, 5, state="done")
    shown = visitor.get("/visits?state=new&sort=-at")
    found = PRINT.search(shown.text)
    assert found is not None
    assert "This is one page of the list" in shown.text
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', found[2]))
    answer = visitor.post(html.unescape(found[1]), **{name: html.unescape(value) for name, value in fields.items()})
    assert printed(answer.text) == [str(number) for number in ids]
    assert "data-print-now" in answer.text
    assert "130 rows" in answer.text
    assert "This is one page of the list" not in answer.text
    assert 'type="checkbox" name="id"' not in answer.text
    trace = {"screen": "testscreens.visits", "format": "print", "filter": "state=new&sort=-at", "rows": 130}
    assert audited(app, "export") == [trace]


def test_nothing_is_printed_in_somebody_s_name_by_an_address(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-24: a link from elsewhere or a page that is fetched beforehand notes nothing."""
    add_visits(app, 3)
    assert visitor.get("/visits/print?sort=-at").status_code == 405
    assert HttpClient(app).head("/visits/print").status_code == 405
    assert HttpClient(app).post("/visits/print", data={"query": "sort=-at"}).status_code == 403
    assert audited(app, "export") == []


def test_the_paper_says_that_it_has_not_all_rows(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_PRINTED", 90)
    ids = add_visits(app, 100)
    answer = visitor.post("/visits/print", query="sort=-at")
    assert printed(answer.text) == [str(number) for number in ids[:90]]
    assert "The first 90 rows." in answer.text
    assert [each["rows"] for each in audited(app, "export")] == [90]


def test_without_the_right_to_export_only_the_page_is_printed(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 130)
    app.person = access(export=Scope.NONE)
    shown = visitor.get("/visits").text
    assert PRINT.search(shown) is None
    assert "data-print" in shown
    assert "This is one page of the list" in shown


@pytest.mark.parametrize("own_rows", [[], ["nick"]], ids=["none", "one"])
def test_only_what_the_right_to_export_reaches_leaves(
    app: ScreensApplication, visitor: Visitor, own_rows: list[str]
) -> None:
    """SEC-35: also of a list that shows more than that."""
    own = [number for title in own_rows for number in add_visits(app, 1, title=title)]
    add_visits(app, 3, owner_id=2)
    app.person = access(export=Scope.OWN)
    assert len(printed(visitor.get("/visits").text)) == 3 + len(own)
    assert printed(visitor.post("/visits/print", query="sort=-at").text) == [str(number) for number in own]
    rows = rows_of_csv(visitor.post("/visits/export", query="cols=title", format="csv"))
    assert [row[0] for row in rows[1:]] == own_rows
    assert [each["rows"] for each in audited(app, "export")] == [len(own)] * 2


def test_a_list_that_is_whole_is_printed_as_it_is(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 3)
    shown = visitor.get("/visits").text
    assert PRINT.search(shown) is None
    assert "This is one page of the list" not in shown


def test_a_workbook_keeps_numbers_and_times(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 3, amount=1810050, score=7)
    answer = visitor.post("/visits/export", query="cols=at,title,amount,score", format="xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["Time", "Title", "Telephone", "Amount", "Score"]
    assert rows[1][0] == (NOW + timedelta(hours=3)).replace(tzinfo=None)
    assert rows[1][3:] == [18100.5, 7.0]
    assert book.get_sheet_by_index(1).to_python()[0] == ["Visits"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("+79031234567", "+79031234567"),
        ("-5", "-5"),
        ("+3,5", "+3,5"),
        ("Иванов", "Иванов"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, wanted: str) -> None:
    """SEC-35."""
    assert export.safe(text) == wanted


def test_hostile_values_are_text_in_both_files(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-35."""
    add_visits(app, 1, title='=HYPERLINK("http://x")\x00'[:22], nick="@x")
    for kind in ("csv", "xlsx"):
        answer = visitor.post("/visits/export", query="cols=title,nick", format=kind)
        if kind == "csv":
            row = rows_of_csv(answer)[1]
        else:
            row = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()[1]
        assert row[0].startswith("'=HYPERLINK")
        assert row[2] == "'@x"


def test_an_export_needs_its_right_and_follows_the_row_and_field_rules(
    app: ScreensApplication, visitor: Visitor
) -> None:
    """SEC-35, SEC-2, SEC-4."""
    add_visits(app, 2, owner_id=1, margin=31415900)
    add_visits(app, 2, owner_id=2)
    app.person = access(export=Scope.NONE)
    assert visitor.post("/visits/export", query="", format="csv").status_code == 403
    assert "/visits/export" not in visitor.get("/visits").text
    app.person = access(read=Scope.OWN, margin=Scope.NONE)
    rows = rows_of_csv(visitor.post("/visits/export", query="", format="csv"))
    assert len(rows) == 1 + 2
    assert "314159" not in str(rows)
    assert visitor.post("/visits/export", query="cols=margin", format="csv").status_code == 400
    assert visitor.post("/visits/export", query="", format="exe").status_code == 400


def test_a_large_export_reads_in_portions(app: ScreensApplication, visitor: Visitor) -> None:
    add_visits(app, 2500)
    with Statements(app.database) as statements:
        rows = rows_of_csv(visitor.post("/visits/export", query="", format="csv"))
    assert len(rows) == 2501
    assert len({tuple(row) for row in rows[1:]}) > 1
    assert len([text for text in statements.about("testscreens_visit") if "testextra" not in text]) == 3
    assert len(statements.about("testextra_ticket")) == 3


# --- bulk actions -----------------------------------------------------------------------------


def states(app: ScreensApplication, ids: list[int]) -> list[str]:
    from testscreens.models import Visit

    with app.database.reading(system("tests")) as session:
        found = dict(session.execute(select(Visit.id, Visit.state).where(Visit.id.in_(ids))).all())
    return [found[number] for number in ids]


def test_a_bulk_action_does_the_selected_rows(app: ScreensApplication, visitor: Visitor) -> None:
    ids = add_visits(app, 4)
    assert (
        visitor.post("/visits/bulk/finish", id=[str(ids[0]), str(ids[2])], query="sort=score").location
        == "/visits?sort=score"
    )
    assert states(app, ids) == ["done", "new", "done", "new"]


def test_each_row_is_checked_and_the_refused_are_named(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-6: a refusal leaves its row as it was and stops no other."""
    good, bad = add_visits(app, 2), add_visits(app, 1, state="bad", title="rotten")
    answer = visitor.post("/visits/bulk/finish", id=[str(number) for number in [good[0], *bad, good[1]]])
    assert answer.status_code == 200
    assert "Done: 2. Not done: 1." in answer.text
    assert "rotten" in answer.text
    assert "Refused visits stay refused." in answer.text
    assert states(app, good + bad) == ["done", "done", "bad"]


def test_all_rows_of_the_filter_are_worked_out_by_the_server(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-2: whatever ids came along; rows out of reach are neither changed nor counted."""
    mine = add_visits(app, 100, owner_id=1, urgent=True)
    theirs = add_visits(app, 3, owner_id=2, urgent=True)
    calm = add_visits(app, 2, owner_id=1)
    app.person = access(read=Scope.OWN)
    visitor.post("/visits/bulk/finish", all="1", query="urgent=1", id=[str(theirs[0])])
    assert set(states(app, mine)) == {"done"}
    assert set(states(app, theirs + calm)) == {"new"}
    answer = visitor.post("/visits/bulk/finish", id=[str(theirs[0])])
    assert "Not done: 1." in answer.text
    assert states(app, theirs) == ["new"] * 3


def test_a_row_that_the_right_does_not_reach_is_refused(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-6: who reads everything and changes his own changes his own, also by the hundred."""
    mine, theirs = add_visits(app, 1, owner_id=1), add_visits(app, 1, owner_id=2)
    app.person = access(change=Scope.OWN)
    answer = visitor.post("/visits/bulk/finish", id=[str(number) for number in mine + theirs])
    assert "Done: 1. Not done: 1." in answer.text
    assert states(app, mine + theirs) == ["done", "new"]


def test_an_action_asks_first_for_what_it_needs(app: ScreensApplication, visitor: Visitor) -> None:
    from testscreens.models import Visit

    ids = add_visits(app, 2)
    page = visitor.post("/visits/bulk/assign", id=[str(number) for number in ids]).text
    assert "2 rows" in page
    assert f'name="id" value="{ids[1]}"' in page
    wrong = visitor.post("/visits/bulk/assign", id=[str(ids[0])], answered="1", score="ten")
    assert wrong.status_code == 422
    assert visitor.post("/visits/bulk/assign", id=[str(ids[0])], answered="1", score="10").status_code == 303
    with app.database.reading(system("tests")) as session:
        assert session.scalar(select(Visit.score).where(Visit.id == ids[0])) == 10


def test_a_bulk_action_needs_its_right(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-1, SEC-6."""
    ids = add_visits(app, 1)
    app.person = access(change=Scope.NONE)
    assert "/visits/bulk/finish" not in visitor.get("/visits").text
    assert visitor.post("/visits/bulk/finish", id=[str(ids[0])]).status_code == 404
    assert visitor.post("/visits/bulk/explode", id=[str(ids[0])]).status_code == 404
    app.person = access()
    for wrong in ("x", "-1", "9" * 25):
        assert visitor.post("/visits/bulk/finish", id=[wrong]).status_code == 400
    assert states(app, ids) == ["new"]


def test_too_many_rows_at_once_are_refused(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 10)
    ids = add_visits(app, 11)
    assert visitor.post("/visits/bulk/finish", all="1", query="").status_code == 422
    assert set(states(app, ids)) == {"new"}
