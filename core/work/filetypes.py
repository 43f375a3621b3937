"""What a file really is, told from its content, without unpacking or decoding it (SEC-33)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from core.text.msgids import T

if TYPE_CHECKING:
    from zipfile import ZipInfo

LARGEST_IMAGE = 50_000_000
"""Pixels."""

_LARGEST_DIRECTORY = 1 << 20
_MOST_ENTRIES = 10_000
_LARGEST_UNPACKED = 300 * 1024 * 1024
_LARGEST_RATIO = 200
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class BadFile(Exception):
    """The content is not what the name says, or is dangerous; the text is a msgid."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file we accept: its extensions, the type we serve it with, and the check of its content."""

    code: str
    extensions: tuple[str, ...]
    content_type: str
    check: Callable[[BinaryIO], None]


def recognise(content: BinaryIO, name: str, allowed: Mapping[str, FileType]) -> FileType:
    """The type of a file, by its name and its content together.

    :param content: the whole file, to be read from the start and in any place.
    :raises BadFile: the extension is not among ``allowed``, or the content is not of that type.
    """
    extension = PurePath(name).suffix.lower().removeprefix(".")
    found = next((type_ for type_ in allowed.values() if extension in type_.extensions), None)
    if found is None:
        raise BadFile(T("Files of this kind are not accepted."))
    content.seek(0)
    found.check(content)
    return found


def _starts(content: BinaryIO, beginning: bytes) -> None:
    if content.read(len(beginning)) != beginning:
        raise BadFile(T("The content of this file is not what its name says."))


def _check_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise BadFile(T("The content of this file is not what its name says."))
    if width * height > LARGEST_IMAGE:
        raise BadFile(T("This picture has more than 50 megapixels."))


def _check_png(content: BinaryIO) -> None:
    _starts(content, b"\x89PNG\r\n\x1a\n")
    length, kind, width, height = struct.unpack(">I4sII", _exactly(content, 16))
    if kind != b"IHDR" or length != 13:
        raise BadFile(T("The content of this file is not what its name says."))
    _check_pixels(width, height)


def _check_jpeg(content: BinaryIO) -> None:
    """Walk the segments to the frame header; every step moves on by at least two bytes."""
    _starts(content, b"\xff\xd8\xff")
    content.seek(2)
    while True:
        kind = _jpeg_marker(content)
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">3xHH", _exactly(content, 7)[:7])
            return _check_pixels(width, height)
        if kind in (0xD9, 0xDA):  # the picture begins or ends, and there was no frame header
            raise BadFile(T("The content of this file is not what its name says."))
        (length,) = struct.unpack(">H", _exactly(content, 2))
        content.seek(max(length - 2, 0), 1)


def _jpeg_marker(content: BinaryIO) -> int:
    if _exactly(content, 1) != b"\xff":
        raise BadFile(T("The content of this file is not what its name says."))
    kind = _exactly(content, 1)
    while kind == b"\xff":
        kind = _exactly(content, 1)
    return kind[0]


def _check_webp(content: BinaryIO) -> None:
    _starts(content, b"RIFF")
    head = _exactly(content, 26)
    if head[4:8] != b"WEBP":
        raise BadFile(T("The content of this file is not what its name says."))
    kind, data = head[8:12], head[16:]
    if kind == b"VP8X":
        width = int.from_bytes(data[4:7], "little") + 1
        height = int.from_bytes(data[7:10], "little") + 1
    elif kind == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[6:10])
        width, height = width & 0x3FFF, height & 0x3FFF
    else:
        raise BadFile(T("The content of this file is not what its name says."))
    _check_pixels(width, height)


def _check_pdf(content: BinaryIO) -> None:
    _starts(content, b"%PDF-")


def _check_office(part: str) -> Callable[[BinaryIO], None]:
    """A check of an office file by the table of contents of its archive; nothing is unpacked."""

    def check(content: BinaryIO) -> None:
        _starts(content, b"PK\x03\x04")
        entries = _archive_entries(content)
        names = {entry.filename for entry in entries}
        if "[Content_Types].xml" not in names or part not in names:
            raise BadFile(T("The content of this file is not what its name says."))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise BadFile(T("Files with macros are not accepted."))
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if unpacked > _LARGEST_UNPACKED or unpacked > _LARGEST_RATIO * max(packed, 1):
            raise BadFile(T("This archive is too large when unpacked."))

    return check


def _archive_entries(content: BinaryIO) -> list[ZipInfo]:
    """The table of contents of an archive, read only after its size was looked at."""
    import zipfile  # only for office files

    size = content.seek(0, 2)
    content.seek(max(0, size - 65_557))
    tail = content.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise BadFile(T("The content of this file is not what its name says."))
    count, directory = struct.unpack("<10xHI6x", tail[end : end + 22])
    if count > _MOST_ENTRIES or directory > _LARGEST_DIRECTORY or b"PK\x06\x06" in tail:
        raise BadFile(T("This archive is too large when unpacked."))
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise BadFile(T("The content of this file is not what its name says.")) from error


def _check_text(content: BinaryIO) -> None:
    """Text has no control characters; it is UTF-8 or the old Windows encoding, which any other byte is."""
    while block := content.read(1 << 16):
        if _CONTROL.search(block):
            raise BadFile(T("The content of this file is not what its name says."))


def _exactly(content: BinaryIO, size: int) -> bytes:
    found = content.read(size)
    if len(found) != size:
        raise BadFile(T("The content of this file is not what its name says."))
    return found


_OFFICE = "application/vnd.openxmlformats-officedocument."

FILE_TYPES: Mapping[str, FileType] = {
    type_.code: type_
    for type_ in (
        FileType("jpeg", ("jpg", "jpeg"), "image/jpeg", _check_jpeg),
        FileType("png", ("png",), "image/png", _check_png),
        FileType("webp", ("webp",), "image/webp", _check_webp),
        FileType("pdf", ("pdf",), "application/pdf", _check_pdf),
        FileType("xlsx", ("xlsx",), f"{_OFFICE}spreadsheetml.sheet", _check_office("xl/workbook.xml")),
        FileType("docx", ("docx",), f"{_OFFICE}wordprocessingml.document", _check_office("word/document.xml")),
        FileType("csv", ("csv",), "text/csv", _check_text),
        FileType("txt", ("txt",), "text/plain", _check_text),
    )
}
"""What may be uploaded at all; a field may allow less."""

IMAGES: Mapping[str, FileType] = {code: FILE_TYPES[code] for code in ("jpeg", "png", "webp")}
