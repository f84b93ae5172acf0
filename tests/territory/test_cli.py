"""`flask territory …` as an operator types it."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from backend.cli.territory import group
from backend.territory.models import Jurisdiction, PoliceUnit
from tests.territory.builders import square, stored_units, unit

HEADER = "codigo,nombre,tipo,lat,lon\n"


@pytest.fixture
def type_in(app):
    def run(*words):
        return CliRunner().invoke(group, [str(word) for word in words])

    return run


def test_a_bad_row_is_told_and_nothing_stored(db, type_in, tmp_path):
    path = tmp_path / "unidades.csv"
    path.write_text(HEADER + "A,Uno,comisaria,-12.05,-77.04\nB,Dos,comisaria,-12.05,\n")
    result = type_in("units", path)
    assert result.exit_code == 1
    assert "fila 3 (B): falta la longitud" in result.output
    assert "No se guardó nada" in result.output
    assert db.session.scalar(select(func.count()).select_from(PoliceUnit)) == 1


def test_with_skip_refused_the_rest_is_stored(db, type_in, tmp_path):
    path = tmp_path / "unidades.csv"
    path.write_text(HEADER + "A,Uno,comisaria,-12.05,-77.04\nB,Dos,comisaria,-12.05,\n")
    result = type_in("units", path, "--skip-refused")
    assert result.exit_code == 0
    assert "fila 3 (B): falta la longitud" in result.output
    assert "Nuevas: 1, cambiadas: 0, sin cambio: 0, rechazadas: 1" in result.output


def test_the_whole_way_from_files_to_cells(db, type_in, tmp_path):
    stored_units(unit("A", lat="-12.05"), unit("B", lat="-12.051"), unit("C", lat="-12.0501"))
    path = tmp_path / "jurisdicciones.geojson"
    feature = {"properties": {"codigo": "B"}, "geometry": square(-12.06, -77.05)}
    path.write_text(json.dumps({"features": [feature]}))
    assert "flask territory cells" in type_in("jurisdictions", path).output
    result = type_in("cells")
    assert "C: a menos de 100 m de A" in result.output
    assert "Celdas nuevas: 1, cerradas: 0, sin cambio: 0" in result.output
    assert db.session.scalar(select(func.count()).select_from(Jurisdiction)) == 2


def test_a_file_that_is_not_what_it_should_be_is_told_in_words(type_in, tmp_path):
    path = tmp_path / "distritos.geojson"
    path.write_text("codigo,nombre\n")
    result = type_in("districts", path)
    assert (result.exit_code, "no es JSON" in result.output) == (1, True)
