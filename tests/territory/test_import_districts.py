"""Districts come from GeoJSON, keyed by INEI's ubigeo, with RENIEC's code beside it."""

import json

import pytest
from sqlalchemy import func, select

from backend.errors import InvalidInput
from backend.territory.files import FileRefused, Raw, read_geojson
from backend.territory.models import District
from backend.territory.services import import_districts, reniec_codes
from tests.territory.builders import district, square, stored_districts


def feature(geometry, **values):
    names = {"distrito": "Ate", "provincia": "Lima", "departamento": "Lima", "ubigeo": "150103"}
    return Raw(1, names | values, geometry)


def ring(*points):
    return {"type": "Polygon", "coordinates": [[[lon, lat] for lat, lon in points]]}


BOWTIE = ring((-12.0, -77.0), (-12.1, -76.9), (-12.0, -76.9), (-12.1, -77.0), (-12.0, -77.0))
SPIKE = ring(
    *((-12.0, -77.0), (-12.1, -77.0), (-12.1, -76.9), (-12.0, -76.9)),
    *((-11.9, -76.9), (-12.0, -76.9), (-12.0, -77.0)),
)
REFUSED = {
    "number for ubigeo": (feature(square(-12, -77), ubigeo=150103), "no es un texto de seis"),
    "no name": (feature(square(-12, -77), distrito=None), "falta distrito"),
    "no geometry": (feature(None), "no es un polígono"),
    "a point": (feature({"type": "Point", "coordinates": [-77, -12]}), "no es un polígono"),
    "empty": (feature({"type": "Polygon", "coordinates": []}), "está vacío"),
    "two corners": (feature(ring((-12, -77), (-12.1, -77))), "no se pueden leer"),
    "letters": (feature({"type": "Polygon", "coordinates": [["a"]]}), "no se pueden leer"),
    "not a number": (
        feature(ring((-12.0, -77.0), (-12.1, float("nan")), (-12.1, -76.9), (-12.0, -77.0))),
        "no se pueden leer",
    ),
    "swapped": (feature(square(-77, -12)), "se sale del Perú"),
    "bow tie": (feature(BOWTIE), "mal dibujado"),
}


@pytest.mark.parametrize(("raw", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_bad_feature_is_refused_in_words(db, raw, reason):
    with pytest.raises(FileRefused) as refused:
        stored_districts(district("150101", -12, -77), raw)
    (refusal,) = refused.value.refusals
    assert reason in refusal.reason
    assert db.session.scalar(select(func.count()).select_from(District)) == 0


def test_a_slip_of_the_pen_is_repaired(db):
    stored_districts(feature(SPIKE))
    is_valid, corners = db.session.execute(
        select(func.ST_IsValid(District.geom), func.ST_NPoints(District.geom))
    ).one()
    assert (is_valid, corners) == (True, 5)


def test_the_same_file_twice_changes_nothing_and_a_moved_border_updates(db):
    both = (district("150101", -12, -77), district("150102", -12, -76.9))
    assert stored_districts(*both).added == 2
    assert stored_districts(*both).unchanged == 2
    report = stored_districts(district("150101", -12.01, -77), both[1])
    assert (report.updated, report.unchanged) == (1, 1)


def test_reniec_codes_come_from_their_own_file_and_survive_without_it(db):
    codes = reniec_codes([Raw(2, {"inei": "150101", "reniec": "140101"}), Raw(3, {"inei": "NA"})])
    import_districts([district("150101", -12, -77)], "prueba", reniec=codes)
    stored_districts(district("150101", -12.01, -77))
    assert db.session.scalar(select(District.ubigeo_reniec)) == "140101"


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Feature"}', '{"features": {}}'])
def test_what_is_not_a_collection_is_refused(tmp_path, text):
    path = tmp_path / "distritos.geojson"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"distritos\.geojson"):
        read_geojson(path)


def test_features_without_properties_are_rows_too(tmp_path):
    path = tmp_path / "distritos.geojson"
    path.write_text(json.dumps({"features": [None, {"properties": {"UBIGEO": "150101"}}]}))
    assert [raw.values for raw in read_geojson(path)] == [{}, {"ubigeo": "150101"}]
