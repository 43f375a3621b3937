"""Stored files: what they really are, where they lie, and that they die with their rows (SEC-33)."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.policy import Scope
from core.errors import Forbidden, Invalid, NotFound
from core.work.files import (
    clean_name,
    files_of,
    open_file,
    purge_removed,
    remove_file,
    remove_strays,
    restore_file,
    store_file,
)
from core.work.filestore import FileStore
from core.work.filetypes import FILE_TYPES, IMAGES, BadFile, recognise
from core.work.subjects import Subject
from tests.work.office import ANNA, BORIS, Office

CLIENT = Subject("contacts_contact", 5)


def png(width: int = 10, height: int = 10) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\0\0\0"


def jpeg(width: int = 10, height: int = 10) -> bytes:
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    frame = b"\xff\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\0" * 10
    return b"\xff\xd8" + application + frame + b"\xff\xda"


def webp(kind: bytes, data: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 30) + b"WEBP" + kind + struct.pack("<I", len(data)) + data


def webp_canvas(width: int, height: int) -> bytes:
    return webp(b"VP8X", b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


def webp_lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"\0" * 5)


def webp_lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def office_file(*names: str, content: bytes = b"<x/>") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, content)
    return file.getvalue()


GOOD = {
    "фото.JPG": jpeg(),
    "scan.png": png(8000, 6000),
    "canvas.webp": webp_canvas(100, 200),
    "lossless.webp": webp_lossless(100, 200),
    "lossy.webp": webp_lossy(100, 200),
    "акт.pdf": b"%PDF-1.7\n...",
    "прайс.xlsx": office_file("xl/workbook.xml"),
    "договор.docx": office_file("word/document.xml"),
    "list.csv": "ФИО;телефон\r\n".encode("cp1251"),
    "readme.txt": "текст\n".encode(),
}

BAD = {
    "no type": ("file", png()),
    "program": ("setup.exe", b"MZ"),
    "web page": ("page.html", b"<script>"),
    "drawing with scripts": ("a.svg", b"<svg/>"),
    "a page that says it is a picture": ("a.png", b"<html>"),
    "a picture that says it is a document": ("a.pdf", png()),
    "png of 51 megapixels": ("a.png", png(10_000, 5_100)),
    "png without size": ("a.png", png(0, 10)),
    "png cut short": ("a.png", png()[:20]),
    "png whose first chunk is another": ("a.png", png().replace(b"IHDR", b"tEXt")),
    "jpeg of 51 megapixels": ("a.jpg", jpeg(10_000, 5_100)),
    "jpeg without a frame": ("a.jpg", b"\xff\xd8\xff\xda\0\0"),
    "jpeg of garbage": ("a.jpg", b"\xff\xd8\xff\xe0\0\x02garbage"),
    "jpeg that ends in a segment": ("a.jpg", b"\xff\xd8\xff\xe0\xff\xff"),
    "webp of 51 megapixels": ("a.webp", webp_canvas(10_000, 5_100)),
    "webp of an unknown kind": ("a.webp", webp(b"ABCD", b"\0" * 10)),
    "sound in the same wrapper": ("a.webp", webp_canvas(1, 1).replace(b"WEBP", b"WAVE")),
    "archive that is no office file": ("a.xlsx", office_file("evil.txt")),
    "document that says it is a table": ("a.xlsx", office_file("word/document.xml")),
    "table with macros": ("a.xlsx", office_file("xl/workbook.xml", "xl/vbaProject.bin")),
    "archive without a table of contents": ("a.xlsx", b"PK\x03\x04" + b"\0" * 100),
    "archive bomb": ("a.xlsx", office_file("xl/workbook.xml", content=b"\0" * 30_000_000)),
    "archive of too many": ("a.xlsx", office_file("xl/workbook.xml", *(f"{n}" for n in range(10_001)))),
    "binary that says it is text": ("a.txt", b"text\0"),
}


@pytest.mark.parametrize("name", GOOD)
def test_files_are_recognised_by_name_and_content(name: str) -> None:
    type_ = recognise(io.BytesIO(GOOD[name]), name, FILE_TYPES)
    assert name.lower().endswith(type_.extensions)


@pytest.mark.parametrize("case", BAD)
def test_other_files_are_refused(case: str) -> None:
    name, content = BAD[case]
    with pytest.raises(BadFile):
        recognise(io.BytesIO(content), name, FILE_TYPES)


def test_a_file_comes_back_unchanged_with_a_type_of_ours(office: Office, tmp_path: Path) -> None:
    files, content = FileStore(tmp_path), GOOD["прайс.xlsx"]
    with office.by(ANNA) as session:
        stored = store_file(session, files, io.BytesIO(content), "прайс.xlsx", CLIENT)
        assert [found.id for found in files_of(session, CLIENT)] == [stored.id]
    with office.by(3) as session:
        found, opened = open_file(session, files, CLIENT, stored.id)
        with opened:
            assert opened.read() == content
    assert (found.name, found.size, found.created_by_id) == ("прайс.xlsx", len(content), ANNA)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.content_type == FILE_TYPES["xlsx"].content_type
    path = files.path(found.storage_name)
    assert path.parent.parent.parent == tmp_path
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("name", "content"), [("a.txt", b""), ("a.svg", b"<svg/>")])
def test_a_refused_file_leaves_nothing(office: Office, tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Invalid), office.by(ANNA) as session:
        store_file(session, FileStore(tmp_path), io.BytesIO(content), name, CLIENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_field_may_take_less(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Invalid), office.by(ANNA) as session:
        store_file(session, FileStore(tmp_path), io.BytesIO(GOOD["акт.pdf"]), "акт.pdf", CLIENT, IMAGES)


def test_a_file_over_the_limit_is_cut_off_while_it_comes(office: Office, tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(Invalid), office.by(ANNA) as session:
        store_file(session, FileStore(tmp_path, limit=1 << 20), stream, "a.txt", CLIENT)  # type: ignore[arg-type]
    assert stream.given <= (1 << 20) + (1 << 16)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@given(st.sampled_from(sorted(FILE_TYPES)), st.binary(max_size=200), st.sampled_from([b"", *GOOD.values()]))
def test_no_content_breaks_the_recognition(code: str, garbage: bytes, start: bytes) -> None:
    """SEC-30: an answer or ``BadFile``, whatever comes."""
    type_ = FILE_TYPES[code]
    content = io.BytesIO(start[: len(garbage) * 3] + garbage)
    with suppress(BadFile):
        assert recognise(content, f"a.{type_.extensions[0]}", FILE_TYPES) is type_


def test_content_goes_when_its_transaction_fails(office: Office, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    for end in ("rollback", "close"):
        session = office.database.session(office.access(ANNA), write=True)
        stored = store_file(session, files, io.BytesIO(png()), "a.png", CLIENT)
        assert files.path(stored.storage_name).exists()
        getattr(session, end)()
        session.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_removed_file_can_be_put_back_until_the_retention_is_over(office: Office, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    with office.by(ANNA) as session:
        kept, gone = (store_file(session, files, io.BytesIO(png()), f"{n}.png", CLIENT) for n in "ab")
    for file in (kept, gone):
        with office.by(ANNA) as session:
            remove_file(session, CLIENT, file.id)
    with pytest.raises(NotFound), office.by(ANNA) as session:
        open_file(session, files, CLIENT, kept.id)
    with office.by(ANNA) as session:
        restore_file(session, CLIENT, kept.id)
    office.clock.go(days=30, seconds=1)
    with office.by_system() as session:
        assert purge_removed(session, office.clock(), files) == 1
        assert files.path(gone.storage_name).exists(), "until it is committed"
    assert not files.path(gone.storage_name).exists()
    with office.by(ANNA) as session:
        open_file(session, files, CLIENT, kept.id)[1].close()
        with pytest.raises(NotFound):
            restore_file(session, CLIENT, gone.id)


def test_a_file_is_found_through_its_own_record_only(office: Office, tmp_path: Path) -> None:
    """SEC-3."""
    files = FileStore(tmp_path)
    with office.by(ANNA) as session:
        stored = store_file(session, files, io.BytesIO(png()), "a.png", CLIENT)
        other = Subject(CLIENT.type, 6)
        for attempt in (
            lambda: open_file(session, files, other, stored.id),
            lambda: remove_file(session, other, stored.id),
        ):
            with pytest.raises(NotFound):
                attempt()
        files.path(stored.storage_name).unlink()
        with pytest.raises(NotFound):
            open_file(session, files, CLIENT, stored.id)


def test_what_a_crash_left_is_found_and_removed(office: Office, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    with office.by(ANNA) as session:
        kept = store_file(session, files, io.BytesIO(png()), "a.png", CLIENT)
    stray, fresh = files.path("ab" * 20), files.path("ac" * 20)
    half = tmp_path / "incoming" / "half"
    for path in (stray, fresh, half):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    now = office.clock()
    for path in (stray, half, files.path(kept.storage_name)):
        old = (now - timedelta(days=2)).timestamp()
        os.utime(path, (old, old))
    os.utime(fresh, (now.timestamp(), now.timestamp()))
    with office.by_system() as session:
        assert remove_strays(session, now, files) == 1
    assert [path.exists() for path in (stray, half, fresh, files.path(kept.storage_name))] == [False, False, True, True]


@pytest.mark.parametrize("name", ["", "../x", "a" * 39, "A" * 40, "a" * 40 + "\n", "/" + "a" * 39])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        FileStore(tmp_path).path(name)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\я\\акт.pdf", "акт.pdf"),
        ("../../etc/passwd", "passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("ф" * 300 + ".pdf", "ф" * 251 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 253),
        ("x" * 300, "x" * 255),
    ],
)
def test_the_senders_name_is_only_text(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_whose_files_may_be_removed_is_a_matter_of_rights(office: Office, tmp_path: Path) -> None:
    """SEC-6."""
    files = FileStore(tmp_path)
    with office.by(ANNA) as session:
        stored = store_file(session, files, io.BytesIO(png()), "a.png", CLIENT)
    with pytest.raises(Forbidden), office.by(BORIS) as session:
        remove_file(session, CLIENT, stored.id)
    office.grants[BORIS] = {"core.file.delete": Scope.BRANCH, "core.file.create": Scope.NONE}
    with office.by(BORIS) as session:
        remove_file(session, CLIENT, stored.id)
    with pytest.raises(Forbidden), office.by(BORIS) as session:
        store_file(session, files, io.BytesIO(png()), "b.png", CLIENT)
