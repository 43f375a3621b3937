"""Static files and icons: addresses that change with the content, nothing reachable but what ships."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from core.web.assets import ICONS, AssetError, Assets, used_icons
from tests.support.addons import ROOT

CORE = ROOT / "core"
STATIC = CORE / "web" / "static"
BOOTSTRAP = "vendor/bootstrap.min.css"


def ask(assets: Assets, path: str, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = EnvironBuilder(method=method, headers=named).get_environ()
    environ["PATH_INFO"] = f"/static/{path}"  # as it is: a client would tidy it up
    return Response.from_app(assets.serve(Request(environ)), environ, buffered=True)


def assets_with(*addons: tuple[str, Path], reload: bool = False) -> Assets:
    static = {"": STATIC, **{name: folder / "static" for name, folder in addons}}
    return Assets(static, sources=[CORE, *(folder for _, folder in addons)], reload=reload)


def path_of(assets: Assets, name: str) -> str:
    return assets.url(name).removeprefix("/static/")


@pytest.fixture(scope="module")
def assets() -> Assets:
    return assets_with()


@pytest.fixture
def addon(tmp_path: Path) -> Path:
    """An addon with one script and one page that shows an icon."""
    folder = tmp_path / "tradein"
    (folder / "static" / "tradein").mkdir(parents=True)
    (folder / "static" / "tradein" / "board.js").write_text("export const x = 1;\n")
    (folder / "static" / "tradein" / "secret.py").write_text("password = 'x'\n")
    (folder / "static" / "tradein" / ".hidden.css").write_text("a{}\n")
    (folder / "templates").mkdir()
    (folder / "templates" / "page.html").write_text('{{ ui.icon("submarine", "i-16") }} {{ icon("no-such-icon") }}')
    (folder / "models.py").write_text('SCREEN = Screen(icon="sailboat")\n')
    return folder


def test_a_file_is_served_for_ever_under_its_version(assets: Assets) -> None:
    answer = ask(assets, path_of(assets, BOOTSTRAP))

    assert answer.status_code == 200
    assert answer.data == (STATIC / BOOTSTRAP).read_bytes()
    assert answer.content_type == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_another_version_gets_todays_file_and_is_not_kept(assets: Assets) -> None:
    answer = ask(assets, f"0123456789abcdef/{BOOTSTRAP}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_text_is_compressed_for_who_accepts_it(assets: Assets) -> None:
    answer = ask(assets, path_of(assets, BOOTSTRAP), Accept_Encoding="br, gzip;q=0.8")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == (STATIC / BOOTSTRAP).read_bytes()
    assert len(answer.data) < 40_000


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0"])
def test_it_is_not_for_who_does_not(assets: Assets, accepted: str) -> None:
    assert "Content-Encoding" not in ask(assets, path_of(assets, BOOTSTRAP), Accept_Encoding=accepted).headers


def test_fonts_are_not_compressed_again(assets: Assets) -> None:
    answer = ask(assets, path_of(assets, "vendor/inter-cyrillic.woff2"), Accept_Encoding="gzip")

    assert answer.content_type == "font/woff2"
    assert "Content-Encoding" not in answer.headers


def test_an_unchanged_file_is_not_sent_again(assets: Assets) -> None:
    path = path_of(assets, BOOTSTRAP)
    etag = ask(assets, path).headers["ETag"]

    again = ask(assets, path, If_None_Match=etag)

    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_can_be_asked_for(assets: Assets) -> None:
    answer = ask(assets, path_of(assets, "vendor/inter-latin.woff2"), Range="bytes=0-3")

    assert (answer.status_code, answer.data) == (206, b"wOF2")


def test_an_application_below_a_path_names_it_in_its_addresses() -> None:
    assets = Assets({"": STATIC}, mount="/dealer")

    assert re.fullmatch(r"/dealer/static/[0-9a-f]{16}/logo\.svg", assets.url("logo.svg"))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "htmx.min.js").write_text("")

    with pytest.raises(AssetError, match="two static files"):
        Assets({"": STATIC, "vendor": tmp_path})


def test_only_reading_is_answered(assets: Assets) -> None:
    assert ask(assets, path_of(assets, BOOTSTRAP), method="POST").status_code == 405
    head = ask(assets, path_of(assets, BOOTSTRAP), method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == (STATIC / BOOTSTRAP).stat().st_size


@pytest.mark.parametrize(
    "name",
    [
        "../assets.py",
        "../../cli.py",
        "vendor/../../assets.py",
        "/etc/passwd",
        "vendor/.stamp",
        "vendor/icons.json",
        "vendor",
        "",
        "vendor\\bootstrap.min.css",
        "vendor/bootstrap.min.css\0",
        "VENDOR/bootstrap.min.css",
    ],
)
def test_nothing_else_is_reachable_sec_33(assets: Assets, name: str) -> None:
    version = path_of(assets, BOOTSTRAP).partition("/")[0]

    assert ask(assets, f"{version}/{name}").status_code == 404
    assert ask(assets, name).status_code == 404


@given(path=st.text(alphabet="./\\%25e\0vendor", max_size=40))
def test_no_path_leads_out_of_the_index_sec_33(assets: Assets, path: str) -> None:
    assert ask(assets, path).status_code == 404


def test_a_wrong_name_fails_where_the_page_is_made(assets: Assets) -> None:
    with pytest.raises(AssetError, match=r"did you mean vendor/bootstrap\.min\.css"):
        assets.url("vendor/bootstrap.css")


def test_an_addons_files_are_served_under_its_name(addon: Path) -> None:
    assets = assets_with(("tradein", addon))

    assert ask(assets, path_of(assets, "tradein/board.js")).data == b"export const x = 1;\n"
    for name in ("tradein/secret.py", "tradein/.hidden.css"):
        with pytest.raises(AssetError):
            assets.url(name)


def test_a_changed_file_has_a_new_address_and_core_keeps_its_own(addon: Path) -> None:
    before = assets_with(("tradein", addon))
    (addon / "static" / "tradein" / "board.js").write_text("export const x = 2;\n")
    after = assets_with(("tradein", addon))

    assert before.url("tradein/board.js") != after.url("tradein/board.js")
    assert before.url(BOOTSTRAP) == after.url(BOOTSTRAP)


def test_who_writes_styles_sees_them_without_a_restart(addon: Path) -> None:
    assets = assets_with(("tradein", addon), reload=True)
    before = assets.url("tradein/board.js")
    (addon / "static" / "tradein" / "new.css").write_text("a{}\n")

    assert assets.url("tradein/new.css")
    assert assets.url("tradein/board.js") != before


def test_the_sprite_holds_the_icons_that_are_named_and_no_others(addon: Path) -> None:
    drawn = drawn_by(assets_with(("tradein", addon)))

    assert {"submarine", "sailboat"} <= drawn
    assert drawn <= used_icons([CORE, addon])
    assert not {"submarine", "sailboat"} & drawn_by(assets_with())


def drawn_by(assets: Assets) -> set[str]:
    """The icons in the sprite."""
    sprite = ask(assets, path_of(assets, "icons.svg")).data.decode()
    return set(re.findall(r'<symbol id="([^"]+)"', sprite))


def test_the_sprite_of_all_addons_is_small() -> None:
    folders = [(file.parent.name, file.parent) for file in sorted(ROOT.glob("addons/*/addon.toml"))]
    assets = assets_with(*folders)

    assert len(ask(assets, path_of(assets, "icons.svg"), Accept_Encoding="gzip").data) < 30_000


def test_every_icon_that_sources_name_exists() -> None:
    known = set(json.loads(ICONS.read_text(encoding="utf-8")))

    assert used_icons([CORE, ROOT / "addons"]) - known == set()


def test_an_icon_of_the_sprite_points_into_it(addon: Path) -> None:
    assets = assets_with(("tradein", addon))

    assert assets.icon("submarine", "i-22") == (
        f'<svg class="i i-22" aria-hidden="true"><use href="{assets.url("icons.svg")}#submarine"/></svg>'
    )


def test_an_icon_that_comes_from_data_is_drawn_in_place(assets: Assets) -> None:
    drawn = assets.icon("submarine")

    assert "<path d=" in drawn
    assert "<use" not in drawn


def test_a_label_speaks_and_is_escaped_sec_25(assets: Assets) -> None:
    drawn = assets.icon("bell", 'a"b', label='<script>"')

    assert 'role="img" aria-label="&lt;script&gt;&#34;"' in drawn
    assert 'class="i a&#34;b"' in drawn
    assert "aria-hidden" not in drawn


def test_an_unknown_icon_fails_where_the_page_is_made(assets: Assets) -> None:
    with pytest.raises(AssetError, match="did you mean phone"):
        assets.icon("phonee")


def test_each_part_ships_with_its_license() -> None:
    listed = json.loads((ROOT / "assets" / "package.json").read_text(encoding="utf-8"))
    licensed = {source.rpartition("/")[0] for name, source in listed["vendor"].items() if name.startswith("licenses/")}

    assert set(listed["dependencies"]) <= licensed
    for name in listed["vendor"]:
        assert (STATIC / "vendor" / name).stat().st_size > 0


def test_versions_are_exact_and_the_lock_names_no_place() -> None:
    for folder in (ROOT / "assets", ROOT / "assets" / "test"):
        listed = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
        packages = {name: entry for name, entry in lock["packages"].items() if name}

        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in listed["dependencies"].values())
        assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
        assert not any("resolved" in entry for entry in packages.values())
