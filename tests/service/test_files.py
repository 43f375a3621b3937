"""Photos and papers at the reception of a car (SEC-33): kept with the car visit, refused with the reason."""

from __future__ import annotations

import io
import re
import struct
from typing import Any

import pytest
from sqlalchemy import select

from core.work.models import StoredFile
from tests.service.conftest import receive
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

FRAGMENT = {"HX-Request": "true"}
JPEG = b"\xff\xd8\xff\xc0" + struct.pack(">HBHH", 11, 8, 480, 640) + b"\x01\x01\x11\x00\xff\xd9"


@pytest.fixture
def feed(dealership: Dealership) -> str:
    """The feed of a car visit."""
    return f"/timeline/service_visit/{receive(dealership)}"


def send(adviser: Visitor, feed: str, content: bytes, name: str) -> Any:
    answer = adviser.post(f"{feed}/files", {"file": (io.BytesIO(content), name)}, headers=FRAGMENT)
    answer.request.environ["wsgi.input"].close()  # what is sent lies in a temporary file when it is large
    return answer


def test_a_photo_of_the_car_is_kept_and_shown(adviser: Visitor, feed: str, dealership: Dealership) -> None:
    assert f'hx-get="{feed}"' in adviser.get(f"/service/visits/{feed.rpartition('/')[2]}").text
    assert 'capture="environment"' in adviser.get(feed, headers=FRAGMENT).text
    answer = send(adviser, feed, JPEG, "бампер.jpg")
    assert answer.status_code == 200, answer.text
    with dealership.session() as session:
        stored = session.scalars(select(StoredFile)).one()
    shown = re.search(r'<img src="([^"]+)" alt="бампер.jpg"', answer.text)
    assert shown is not None
    picture = adviser.get(shown[1], buffered=True)
    assert (picture.data, picture.headers["Content-Type"], stored.subject_type) == (JPEG, "image/jpeg", "service_visit")


def test_a_text_that_is_called_jpg_is_refused_with_the_reason(adviser: Visitor, feed: str) -> None:
    answer = send(adviser, feed, "Договор".encode(), "фото.jpg")
    assert answer.status_code == 422
    assert "Содержимое файла не соответствует его имени" in answer.text
    assert "<img" not in answer.text


def test_a_photo_of_50_mb_is_refused_with_the_reason(adviser: Visitor, feed: str, dealership: Dealership) -> None:
    answer = send(adviser, feed, JPEG + bytes(50 * 1024 * 1024), "фото.jpg")
    assert answer.status_code == 413
    assert "больше, чем принимает эта форма" in answer.text
    with dealership.session() as session:
        assert session.scalars(select(StoredFile)).all() == []
