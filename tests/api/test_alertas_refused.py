"""`POST /alertas` refused: a clear 4xx in Spanish, the field named, and nothing stored half."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from freezegun import freeze_time

from tests.api.problems import assert_problem
from tests.builders import IN_WEST, a_device, datos, send, send_form
from tests.media.made_photos import photo

pytestmark = pytest.mark.usefixtures("callao")

FINE_PHOTO = photo(size=(64, 48))


def with_place(**changes: Any) -> dict[str, Any]:
    return datos(lugar={"origen": "gps", "precision_m": 12, **IN_WEST, **changes})


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in datos().items() if name != field}


WRONG: dict[str, tuple[Any, str]] = {
    # Nonsense places
    "latitude beyond the pole": (with_place(lat=-91), "lugar.lat"),
    "longitude beyond the date line": (with_place(lon=181), "lugar.lon"),
    "the null island": (with_place(lat=0, lon=0), "lugar.lat"),
    "Santiago de Chile": (with_place(lat=-33.45, lon=-70.66), "lugar.lat"),
    "swapped latitude and longitude": (with_place(lat=-77.13, lon=-12.06), "lugar.lat"),
    "latitude alone": (datos(lugar={"origen": "gps", "lat": -12.06}), "lugar.lat"),
    "gps without a point": (datos(lugar={"origen": "gps"}), "lugar.lat"),
    "negative accuracy": (with_place(precision_m=-1), "lugar.precision_m"),
    "endless accuracy": (with_place(precision_m=1e12), "lugar.precision_m"),
    "NaN": (with_place(lat=float("nan")), "lugar.lat"),
    "Infinity": (with_place(lon=float("inf")), "lugar.lon"),
    "minus Infinity": (with_place(precision_m=float("-inf")), "lugar.precision_m"),
    "a huge number": (with_place(lat=10**400), "lugar.lat"),
    "an unknown origin": (with_place(origen="satelite"), "lugar.origen"),
    "no origin": (datos(lugar=IN_WEST), "lugar.origen"),
    "a cell that is none": (datos(lugar={"origen": "celda", "celda": "no"}), "lugar.celda"),
    "a cell as wide as a country": (
        datos(lugar={"origen": "celda", "celda": "828e6ffffffffff"}),
        "lugar.celda",
    ),
    "a cell abroad": (datos(lugar={"origen": "celda", "celda": "8928308280fffff"}), "lugar.celda"),
    "a reference without words": (datos(lugar={"origen": "referencia"}), "lugar.referencia"),
    "blank words for a place": (
        datos(lugar={"origen": "referencia", "referencia": "  "}),
        "lugar.referencia",
    ),
    # Wrong types
    "latitude in words": (with_place(lat="norte"), "lugar.lat"),
    "latitude as text": (with_place(lat="-12.06"), "lugar.lat"),
    "latitude as a list": (with_place(lat=[-12.06]), "lugar.lat"),
    "latitude as a claim": (with_place(lat=True), "lugar.lat"),
    "origin as a number": (with_place(origen=1), "lugar.origen"),
    "place as text": (datos(lugar="aquí"), "lugar"),
    "place as a list": (datos(lugar=[]), "lugar"),
    "no place": (without("lugar"), "lugar"),
    "null place": (datos(lugar=None), "lugar"),
    "description as a list": (datos(descripcion=["a"]), "descripcion"),
    "description as an object": (datos(descripcion={"$ne": 1}), "descripcion"),
    "category as a number": (datos(categoria=7), "categoria"),
    "ongoing as text": (datos(en_curso="sí"), "en_curso"),
    "ongoing as a number": (datos(en_curso=1), "en_curso"),
    "a list instead of an object": ([datos()], "datos"),
    "text instead of an object": ("hola", "datos"),
    "null instead of an object": (None, "datos"),
    "an unknown field": (datos(urgente=True), "urgente"),
    "an unknown field of the place": (with_place(altura=100), "lugar.altura"),
    # Nonsense times
    "a time without zone": (datos(ocurrido_en="2026-11-20T10:00:00"), "ocurrido_en"),
    "a time in words": (datos(ocurrido_en="ayer"), "ocurrido_en"),
    "a time as a number": (datos(ocurrido_en=1700000000), "ocurrido_en"),
    "the thirteenth month": (datos(ocurrido_en="2026-13-01T00:00:00-05:00"), "ocurrido_en"),
    # Symbols that cannot be kept
    "NUL in the description": (datos(descripcion="hola\x00"), "descripcion"),
    "NUL in the reference": (with_place(referencia="\x00"), "lugar.referencia"),
    "NUL in the category": (datos("robo\x00"), "categoria"),
    "half a symbol": (datos(descripcion="\ud83d"), "descripcion"),
    "too long a description": (datos(descripcion="a" * 2001), "descripcion"),
    "too long a reference": (with_place(referencia="a" * 301), "lugar.referencia"),
    # The catalogue
    "an unknown category": (datos("platillo_volador"), "categoria"),
    "no category": (without("categoria"), "categoria"),
    "a point for a sensible matter": (datos("extorsion"), "lugar"),
    "a point beside the cell for a sensible matter": (
        datos("extorsion", lugar={"origen": "celda", "celda": "888e62c52dfffff", **IN_WEST}),
        "lugar",
    ),
}


@pytest.mark.parametrize("story", WRONG)
def test_what_cannot_be_true_is_refused(client, device, nothing_stored, story):
    body, field = WRONG[story]
    with nothing_stored():
        answer = post_json(client, device, json.dumps(body))
    assert_problem(answer, 422, field)


@pytest.mark.parametrize("story", ["NaN", "place as text", "an unknown category"])
def test_a_refused_report_leaves_no_photo_behind(client, device, nothing_stored, story):
    body, field = WRONG[story]
    with nothing_stored():
        answer = send(client, body, headers=device, photos=[(io.BytesIO(FINE_PHOTO), "a.jpg")])
    assert_problem(answer, 422, field)


# The envelope


@pytest.mark.parametrize("part", ["archivo", "fotos", "foto[]"])
def test_an_unknown_part_is_refused(client, device, nothing_stored, part):
    form = {"datos": json.dumps(datos()), part: (io.BytesIO(FINE_PHOTO), "a.jpg")}
    with nothing_stored():
        answer = send_form(client, form, device)
    assert_problem(answer, 422, part)


def test_an_unknown_field_of_the_form_is_refused(client, device, nothing_stored):
    with nothing_stored():
        answer = send_form(client, {"datos": json.dumps(datos()), "numero": "1"}, device)
    assert_problem(answer, 422, "numero")


def test_a_form_without_data_is_refused(client, device, nothing_stored):
    with nothing_stored():
        answer = send_form(client, {"foto": (io.BytesIO(FINE_PHOTO), "a.jpg")}, device)
    assert_problem(answer, 400)


def test_data_as_a_json_part_are_read(client, device):
    part = (io.BytesIO(json.dumps(datos()).encode()), "datos.json", "application/json")
    assert send_form(client, {"datos": part}, device).status_code == 201


def test_data_as_a_file_of_another_type_are_refused(client, device, nothing_stored):
    part = (io.BytesIO(json.dumps(datos()).encode()), "datos.txt", "text/plain")
    with nothing_stored():
        answer = send_form(client, {"datos": part}, device)
    assert_problem(answer, 422, "datos")


BROKEN_JSON = {
    "cut off": '{"categoria": "robo"',
    "nothing": "",
    "no JSON": "categoria=robo",
    "deeply nested": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "deeply nested lists": "[" * 60_000,
    "a number too long to read": '{"categoria": ' + "9" * 5_000 + "}",
    "not UTF-8": b'{"categoria": "\xff\xfe"}',
}


@pytest.mark.parametrize("story", BROKEN_JSON)
def test_broken_json_is_refused(client, device, nothing_stored, story):
    with nothing_stored():
        answer = post_json(client, device, BROKEN_JSON[story])
    assert_problem(answer, 400)


def test_a_text_report_as_large_as_a_photo_is_refused_unread(client, device, nothing_stored):
    with nothing_stored():
        answer = post_json(client, device, json.dumps(datos(descripcion="a" * 3_000_000)))
    assert_problem(answer, 413)


@pytest.mark.parametrize("length", [270_000, 400_000])
def test_data_too_large_for_a_part_are_refused(client, device, nothing_stored, length):
    long = json.dumps(datos(descripcion="a" * length)).encode()
    with nothing_stored():
        as_part = send_form(client, {"datos": (io.BytesIO(long), "d", "application/json")}, device)
    assert_problem(as_part, 413)


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "multipart/mixed"])
def test_another_content_type_is_refused(client, device, nothing_stored, content_type):
    with nothing_stored():
        answer = client.post(
            "/api/v1/alertas",
            data=json.dumps(datos()),
            headers={**device, "Idempotency-Key": str(uuid4())},
            content_type=content_type,
        )
    assert_problem(answer, 415)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(client, device, nothing_stored, method):
    with nothing_stored():
        answer = client.open("/api/v1/alertas", method=method, headers=device)
    assert_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("key", [None, "", "corta", "a" * 65, "con espacios en medio", "ñ" * 20])
def test_a_report_needs_an_idempotency_key(client, device, nothing_stored, key):
    headers = device if key is None else {**device, "Idempotency-Key": key}
    with nothing_stored():
        answer = client.post("/api/v1/alertas", json=datos(), headers=headers)
    assert_problem(answer, 400)
    assert "Idempotency-Key" in answer.json["detail"]


# The credential


def test_a_report_needs_a_credential(client, nothing_stored):
    with nothing_stored():
        answer = client.post(
            "/api/v1/alertas", json=datos(), headers={"Idempotency-Key": str(uuid4())}
        )
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer inventado", "Bearer a.b.c", "Basic dXNlcjpwdw==", "Bearer ñ\xff"],
)
def test_a_forged_credential_is_refused(client, nothing_stored, header):
    with nothing_stored():
        answer = send(client, datos(), headers={"Authorization": header})
    assert_problem(answer, 401)


def test_a_tampered_credential_is_refused(client, device, nothing_stored):
    token = device["Authorization"]
    changed = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
    with nothing_stored():
        answer = send(client, datos(), headers={"Authorization": changed})
    assert_problem(answer, 401)


def test_a_credential_expires(client, nothing_stored):
    with freeze_time("2024-01-01"):
        device = a_device(client)
    with nothing_stored():
        answer = send(client, datos(), headers=device)
    assert_problem(answer, 401)


def test_the_access_to_a_case_is_no_credential_of_a_phone(client, device, nothing_stored):
    sent = send(client, datos(), headers=device).json
    asked = {"numero": sent["numero"], "clave": sent["clave"]}
    acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
    with nothing_stored():
        answer = send(client, datos(), headers={"Authorization": f"Bearer {acceso}"})
    assert_problem(answer, 401)


def test_a_refused_phone_learns_it_before_its_photo_is_stored(client, nothing_stored):
    with nothing_stored():
        answer = send(
            client,
            datos(),
            headers={"Authorization": "Bearer no"},
            photos=[(io.BytesIO(FINE_PHOTO), "a.jpg")],
        )
    assert_problem(answer, 401)


def post_json(client, device, raw: str | bytes):
    headers = {**device, "Idempotency-Key": str(uuid4())}
    return client.post(
        "/api/v1/alertas", data=raw, headers=headers, content_type="application/json"
    )


def test_parts_without_a_name_are_refused_like_any_other_unknown_part(client, device):
    body = "".join(
        f"--x\r\nContent-Disposition: form-data{name}\r\n\r\n{{}}\r\n"
        for name in ("", '; name="otra"')
    )
    answer = client.post(
        "/api/v1/alertas",
        data=f"{body}--x--\r\n",
        headers={**device, "Idempotency-Key": str(uuid4())},
        content_type="multipart/form-data; boundary=x",
    )
    assert_problem(answer, 422)
