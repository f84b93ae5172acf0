"""`POST /alertas` with what is no photo, or too much of one: refused, and no file stays."""

import io
import json

import pytest

from tests.api.problems import assert_problem
from tests.builders import datos, send, send_form
from tests.media.made_photos import GIF, PDF, SVG, VIDEO, photo, png_bomb

pytestmark = pytest.mark.usefixtures("callao")

FINE_PHOTO = photo(size=(64, 48))


def big_jpeg(size: int) -> io.BytesIO:
    return io.BytesIO(FINE_PHOTO + bytes(size - len(FINE_PHOTO)))


PHOTOS = {
    "a PDF named .jpg": (PDF, "foto.jpg", 422),
    "an SVG": (SVG, "foto.svg", 422),
    "an SVG named .png": (SVG, "foto.png", 422),
    "a GIF": (GIF, "foto.gif", 422),
    "a video named .jpg": (VIDEO, "foto.jpg", 422),
    "nothing at all": (b"", "foto.jpg", 422),
    "30,000 × 30,000 pixels": (png_bomb(), "foto.png", 422),
}


@pytest.mark.parametrize("story", PHOTOS)
def test_what_is_no_photo_is_refused(client, device, nothing_stored, story):
    content, name, status = PHOTOS[story]
    # A good photo before it must not stay, either.
    photos = [(io.BytesIO(FINE_PHOTO), "buena.jpg"), (io.BytesIO(content), name)]
    with nothing_stored():
        answer = send(client, datos(), headers=device, photos=photos)
    assert_problem(answer, status, "foto")


def test_a_photo_of_26_megabytes_is_refused(client, device, nothing_stored):
    with nothing_stored():
        answer = send(
            client, datos(), headers=device, photos=[(big_jpeg(26_000_000), "grande.jpg")]
        )
    assert_problem(answer, 413)


def test_a_photo_of_25_megabytes_is_taken(client, device):
    answer = send(client, datos(), headers=device, photos=[(big_jpeg(25_000_000), "grande.jpg")])
    assert answer.status_code == 201, answer.text


def test_five_photos_are_refused(client, device, nothing_stored):
    photos = [(io.BytesIO(FINE_PHOTO), f"{n}.jpg") for n in range(5)]
    with nothing_stored():
        answer = send(client, datos(), headers=device, photos=photos)
    assert_problem(answer, 422, "foto")


def test_a_photo_as_text_is_refused(client, device, nothing_stored):
    with nothing_stored():
        answer = send_form(client, {"datos": json.dumps(datos()), "foto": "aquí va"}, device)
    assert_problem(answer, 422, "foto")


def test_a_photo_that_claims_to_be_json_is_refused(client, device, nothing_stored):
    photos = (io.BytesIO(FINE_PHOTO), "a.jpg", "application/json")
    with nothing_stored():
        answer = send_form(client, {"datos": json.dumps(datos()), "foto": photos}, device)
    assert_problem(answer, 422, "foto")


def test_a_full_disk_refuses_photos_and_takes_text(client, device, nothing_stored, parts):
    quota = parts.settings.media_quota_mb
    object.__setattr__(parts.settings, "media_quota_mb", 0)
    try:
        with nothing_stored():
            refused = send(
                client, datos(), headers=device, photos=[(io.BytesIO(FINE_PHOTO), "a.jpg")]
            )
        taken = send(client, datos(), headers=device)
    finally:
        object.__setattr__(parts.settings, "media_quota_mb", quota)
    assert_problem(refused, 507)
    assert "sin foto" in refused.json["detail"]
    assert taken.status_code == 201
