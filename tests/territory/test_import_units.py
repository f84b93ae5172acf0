"""Units come from a file an operator brings: whole or not at all, twice without harm."""

import gzip

import pytest
from sqlalchemy import func, select

from backend.errors import InvalidInput
from backend.territory.files import FileRefused, Raw, read_csv
from backend.territory.models import PoliceUnit
from backend.territory.rows import from_cenacom
from backend.territory.services import import_units
from tests.territory.builders import TODAY, above, raws, stored_units, unit

REFUSED = {
    "no longitude": (unit("X", lon=""), "falta la longitud"),
    "no position": (unit("X", lat="", lon=""), "una comisaría necesita latitud y longitud"),
    "words for a number": (unit("X", lat="doce"), "la latitud «doce» no es un número"),
    "decimal comma": (unit("X", lon="-77,04"), "la longitud «-77,04» no es un número"),
    "not a number": (unit("X", lat="nan"), "queda fuera del Perú"),
    "La Paz": (unit("X", lat="-16.5", lon="-68.15"), "queda fuera del Perú"),
    "no code": (unit(""), "falta el código"),
    "the system's desk": (unit("SIN-JURISDICCION"), "está reservado"),
    "unknown kind": (unit("X", tipo="cuartel"), "tipo «cuartel» desconocido"),
    "a desk of ours": (unit("X", tipo="mesa"), "tipo «mesa» desconocido"),
    "unknown parent": (unit("X", padre="NADIE"), "el padre «NADIE» no existe"),
    "own parent": (unit("X", padre="X"), "es su propio padre"),
    "sector of nothing": (above("X", "sector"), "un sector necesita una comisaría como padre"),
    "sector of a region": (above("X", "sector", padre="R"), "un sector necesita una comisaría"),
    "a specialised desk inside a comisaría": (
        above("X", "especializada", padre="A", materias="drogas"),
        "una unidad especializada no puede depender de una comisaría",
    ),
    "short ubigeo": (unit("X", ubigeo="70101"), "no es un texto de seis cifras"),
    "matters of a comisaría": (unit("X", materias="drogas"), "solo una unidad especializada"),
    "no date": (unit("X", vigente_desde="ayer"), "no es una fecha"),
    "ends before it begins": (unit("X", vigente_hasta="2019-12-31"), "no es posterior"),
    "neither yes nor no": (unit("X", basica="tal vez"), "no es 1 ni 0"),
    "a control character": (unit("X", nombre="Comisaría\x00"), "caracteres que no se pueden leer"),
}


def count(db):
    return db.session.scalar(select(func.count()).select_from(PoliceUnit))


def by_code(db, code):
    return db.session.scalar(select(PoliceUnit).where(PoliceUnit.code == code))


@pytest.mark.parametrize(("row", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_bad_row_is_refused_in_words_and_nothing_is_stored(db, row, reason):
    before = count(db)
    with pytest.raises(FileRefused) as refused:
        stored_units(above("R", "region"), unit("A"), row)
    (refusal,) = refused.value.refusals
    assert reason in refusal.reason
    assert str(refusal).startswith("fila 4 (")
    assert count(db) == before


def test_with_leave_the_good_rows_are_stored_and_the_bad_ones_told(db):
    rows = raws(unit("A"), unit("B", lon=""), unit("A", nombre="otra"))
    report = import_units(rows, "prueba", TODAY, skip_refused=True)
    assert (report.added, [r.number for r in report.refused]) == (1, [3, 4])
    assert "código repetido, ya está en la fila 2" in report.refused[1].reason


def test_the_same_file_twice_changes_nothing(db):
    rows = (above("R", "region"), unit("A", padre="R"), above("S", "sector", padre="A"))
    first, second = stored_units(*rows), stored_units(*rows)
    assert (first.added, second.added, second.updated, second.unchanged) == (3, 0, 0, 3)


def test_a_changed_row_updates_its_unit_and_keeps_its_identity(db):
    stored_units(unit("A"), unit("B"))
    before = by_code(db, "A").id
    report = stored_units(unit("A", nombre="Comisaría nueva", lat="-12.06"), unit("B"))
    assert (report.updated, report.unchanged) == (1, 1)
    db.session.expire_all()
    assert (by_code(db, "A").id, by_code(db, "A").name) == (before, "Comisaría nueva")


def test_children_may_stand_before_their_parents_in_the_file(db):
    stored_units(
        above("S", "sector", padre="A"),
        unit("A", padre="D"),
        above("D", "divpol", padre="R"),
        above("R", "region"),
    )
    assert by_code(db, "A").parent_id == by_code(db, "D").id


def test_a_refused_parent_takes_its_children_with_it(db):
    rows = raws(unit("A", lat="?"), above("S", "sector", padre="A"), unit("B", padre="S"))
    report = import_units(rows, "prueba", TODAY, skip_refused=True)
    assert report.added == 0
    assert [r.key for r in report.refused] == ["A", "S", "B"]
    assert "el padre «A» fue rechazado" in report.refused[1].reason


def test_a_circle_within_the_file_is_refused(db):
    with pytest.raises(FileRefused) as refused:
        stored_units(above("A", "region", padre="B"), above("B", "region", padre="A"))
    assert "la jerarquía da vueltas: A → B → A" in refused.value.refusals[0].reason


def test_a_circle_through_stored_units_is_refused_too(db):
    stored_units(above("A", "region"), above("B", "divpol", padre="A"))
    with pytest.raises(FileRefused, match="Filas rechazadas: 1"):
        stored_units(above("A", "region", padre="B"))


def test_a_column_that_the_file_lacks_leaves_the_stored_values_alone(db):
    stored_units(above("R", "region"), unit("A", padre="R", telefono="(01) 105"))
    short = {"codigo": "A", "nombre": "Comisaría renombrada", "tipo": "comisaria"}
    import_units([Raw(2, short)], "prueba", TODAY)
    kept = by_code(db, "A")
    assert (kept.name, kept.phone) == ("Comisaría renombrada", "(01) 105")
    assert (kept.parent_id, kept.point is None) == (by_code(db, "R").id, False)


def test_columns_are_checked_before_any_row(db):
    with pytest.raises(InvalidInput, match="Faltan columnas: nombre, tipo"):
        import_units([Raw(2, {"codigo": "A"})], "prueba", TODAY)
    with pytest.raises(InvalidInput, match="Columnas desconocidas: fono"):
        import_units([Raw(2, unit("A") | {"fono": "1"})], "prueba", TODAY)


def test_spreadsheets_semicolons_marks_and_gzip_are_understood(tmp_path):
    path = tmp_path / "unidades.csv.gz"
    path.write_bytes(gzip.compress("\ufeffCodigo; nombre;tipo\nA;Ñaña;region\n".encode()))
    (raw,) = read_csv(path)
    assert (raw.number, raw.values) == (2, {"codigo": "A", "nombre": "Ñaña", "tipo": "region"})


def test_a_file_in_another_encoding_is_refused_in_words(tmp_path):
    path = tmp_path / "unidades.csv"
    path.write_bytes("codigo,nombre\nA,Ñaña\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match="guarda el archivo en UTF-8"):
        read_csv(path)


def test_a_row_with_too_many_values_is_refused(db, tmp_path):
    path = tmp_path / "unidades.csv"
    path.write_text("codigo,nombre,tipo\nA,Uno,region,y,algo,más\n")
    with pytest.raises(FileRefused) as refused:
        import_units(read_csv(path), "prueba", TODAY)
    assert "más valores que columnas" in refused.value.refusals[0].reason


@pytest.mark.parametrize(
    ("name", "is_basic"),
    [
        ("COMISARIA RURAL EL CARMEN", "1"),
        ("COMISARIA PUENTE PIEDRA", "1"),
        ("COMISARÍA LA FAMILIA (LORETO)", "0"),
        ("COMISARIA AEROPUERTO (CALLAO)", "0"),
        ("COMISARIA DE TURISMO CAJAMARCA", "0"),
        ("COMISARIA PROTECCION CARRETERAS CHILETE", "0"),
        ("", "0"),
    ],
)
def test_the_census_tells_basic_stations_by_their_names(name, is_basic):
    census = {"id_cenacom": "0001", "nombre": name, "ubigeo": "150101", "lat": "1", "lon": "2"}
    (raw,) = from_cenacom([Raw(2, census)])
    assert (raw.values["codigo"], raw.values["basica"]) == ("CENACOM-0001", is_basic)
