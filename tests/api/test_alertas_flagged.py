"""`POST /alertas`: clocks and places are messy, so what is odd is taken and flagged."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from backend import clock
from backend.db import db, transaction
from backend.media.models import Attachment
from backend.reports.models import PlaceSource, Report
from backend.reports.states import State
from backend.territory.models import District
from tests.api.problems import assert_problem
from tests.builders import IN_WEST, datos, send
from tests.journey.doing import do_all_work
from tests.media.made_photos import BROKEN_JPEG, photo

pytestmark = pytest.mark.usefixtures("callao")


def taken(client, device, body, **photos) -> Report:
    answer = send(client, body, headers=device, **photos)
    assert answer.status_code == 201, answer.text
    return db.session.scalars(select(Report)).one()


@pytest.mark.parametrize(
    ("off_by", "flags"),
    [
        (timedelta(days=400), ["clock_ahead"]),
        (timedelta(hours=1), ["clock_ahead"]),
        (timedelta(minutes=5), []),
        (-timedelta(days=2), []),
        (-timedelta(days=40), ["clock_behind"]),
        (-timedelta(days=365 * 50), ["clock_behind"]),
    ],
)
def test_a_wrong_clock_is_flagged_and_both_times_are_kept(client, device, off_by, flags):
    claimed = clock.now().replace(microsecond=0) + off_by
    report = taken(client, device, datos(ocurrido_en=claimed.isoformat()))
    assert report.flags == flags
    assert report.occurred_at == claimed
    assert abs(report.received_at - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "year", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_that_could_not_be_read_back_stops_no_clock(client, device, year, nothing_stored):
    """One such row would fail every sweep that reads it together with others."""
    with nothing_stored():
        answer = send(client, datos(ocurrido_en=year), headers=device)
    assert_problem(answer, 422, "ocurrido_en")


@pytest.mark.parametrize(("accuracy", "flags"), [(12, []), (200, []), (5000, ["poor_accuracy"])])
def test_poor_accuracy_is_flagged(client, device, accuracy, flags):
    place = {"origen": "gps", "precision_m": accuracy, **IN_WEST}
    report = taken(client, device, datos(lugar=place))
    assert report.flags == flags
    assert report.accuracy_m == accuracy


def test_a_place_in_words_is_flagged_and_reaches_a_desk(client, device):
    place = {"origen": "referencia", "referencia": "Frente al mercado, puerta azul"}
    report = taken(client, device, datos(lugar=place))
    assert set(report.flags) == {"no_gps", "no_jurisdiction"}
    assert report.place_source is PlaceSource.REFERENCIA
    assert report.point is None
    assert report.reference == "Frente al mercado, puerta azul"
    assert report.routing_rule == "no_jurisdiction"


def test_a_written_district_has_its_comisaria_and_no_doubt(client, device):
    with transaction():
        names = {"name": "Callao", "province": "Callao", "department": "Callao"}
        db.session.add(District(ubigeo="070101", source="prueba", **names))
    place = {"origen": "referencia", "distrito": "070101", "referencia": "Frente al mercado"}
    report = taken(client, device, datos(lugar=place))
    assert report.routing_rule == "district"
    assert report.flags == ["no_gps"]


def test_an_unknown_district_stays_with_the_words(client, device):
    place = {"origen": "referencia", "distrito": "Bellavista", "referencia": "Jr. Lima 120"}
    report = taken(client, device, datos(lugar=place))
    assert report.reference == "Bellavista. Jr. Lima 120"


def test_a_drift_over_the_border_is_taken(client, device):
    arica = {"origen": "gps", "lat": -18.38, "lon": -70.33, "precision_m": 30}
    report = taken(client, device, datos(lugar=arica))
    assert "no_jurisdiction" in report.flags


def test_a_broken_photo_beside_good_text_does_not_hold_the_report_up(client, device, parts):
    photos = [(io.BytesIO(BROKEN_JPEG), "rota.jpg"), (io.BytesIO(photo(size=(80, 60))), "b.jpg")]
    answer = send(client, datos("robo_vehiculo"), headers=device, photos=photos)
    assert answer.status_code == 201, answer.text
    do_all_work(parts)
    report = db.session.scalars(select(Report)).one()
    assert report.state is State.FORWARDED
    assert report.flags == ["photo_broken"]
    case = case_of(client, answer.json)
    assert [one["estado"] for one in case["adjuntos"]] == ["no_se_pudo", "listo"]
    broken, good = case["adjuntos"]
    assert broken["url"] is None and broken["miniatura"] is None
    assert good["url"] and good["miniatura"]
    assert case["estado"] == "derivado"
    kept = db.session.scalars(select(Attachment).order_by(Attachment.position)).first()
    assert kept.size_bytes == len(BROKEN_JPEG)  # the original stays, for whoever can read it


GPS = {1: "S", 2: (12.0, 3.0, 36.0), 3: "W", 4: (77.0, 7.0, 48.0)}


@pytest.mark.parametrize(("categoria", "is_kept"), [("robo", True), ("extorsion", False)])
def test_a_photo_does_not_give_away_where_a_sensible_matter_is(
    client, device, parts, categoria, is_kept
):
    """The server takes no point for it, so it takes none from the camera, either."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(GPS)
    picture = photo(size=(64, 48), exif=exif)
    place = {"origen": "referencia", "referencia": "Por el mercado"}
    answer = send(
        client,
        datos(categoria, lugar=place),
        headers=device,
        photos=[(io.BytesIO(picture), "f.jpg")],
    )
    assert answer.status_code == 201, answer.text
    do_all_work(parts)
    kept = db.session.scalars(select(Attachment)).one()
    assert kept.state == "derived"
    assert (kept.photo_point is not None) is is_kept


def test_an_empty_file_field_is_no_photo(client, device):
    # What a form without a chosen photo sends.
    report = taken(client, device, datos(), photos=[(io.BytesIO(b""), "")])
    assert report.flags == []


def case_of(client, receipt) -> dict:
    asked = {"numero": receipt["numero"], "clave": receipt["clave"]}
    acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
    return client.get("/api/v1/caso", headers={"Authorization": f"Bearer {acceso}"}).json
