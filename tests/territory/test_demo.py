"""The demonstration: real positions of Callao, Ate and Ilo, an invented hierarchy."""

import pytest
from sqlalchemy import func, select

from backend.territory import queries
from backend.territory.files import read_csv
from backend.territory.location import Location
from backend.territory.models import PoliceUnit, UnitKind
from backend.territory.services import DATA, load_demo_territory
from tests.territory.builders import TODAY

AT_THE_DOOR = {
    "Comisaría del Callao": (-12.0549, -77.1288),
    "Comisaría Vitarte": (-12.0261, -76.9194),
    "Comisaría Ilo": (-17.6447, -71.3436),
}
MATTERS = ("extorsion", "drogas", "trata", "violencia_familiar")


@pytest.fixture
def demo(db):
    return load_demo_territory(TODAY)


def test_loading_it_twice_is_harmless(db, demo):
    count = select(func.count()).select_from(PoliceUnit)
    before = db.session.scalar(count)
    again = load_demo_territory(TODAY)
    assert (demo.added, demo.twins, demo.without_cell) == (28, (), ())
    assert (again.added, again.closed, again.unchanged) == (0, 0, 28)
    assert db.session.scalar(count) == before


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_who_stands_at_the_door_of_a_comisaria_is_on_its_ground(db, demo, name):
    place = queries.place_of(Location(*AT_THE_DOOR[name], accuracy_m=10), TODAY)
    assert db.session.get(PoliceUnit, place.unit_id).name == name
    assert place.is_provisional
    assert place.ubigeo is None  # no district polygons in the demonstration


@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_every_region_has_a_desk_for_every_matter(db, demo, matter, name):
    location = Location(*AT_THE_DOOR[name])
    place = queries.place_of(location, TODAY)
    region = queries.ancestors(place.unit_id)[-1]
    desk = db.session.get(PoliceUnit, queries.specialised_unit_for(matter, place, location, TODAY))
    assert (desk.parent_id, desk.matters) == (region.id, [matter])


def test_a_written_reference_in_any_of_its_districts_finds_a_comisaria(db, demo):
    for district in queries.all_districts():
        assert queries.place_in_district(district.ubigeo, TODAY).comisaria_id is not None


def test_cusco_is_not_its_business(db, demo):
    assert queries.place_of(Location(-13.517, -71.978), TODAY).comisaria_id is None


def test_it_names_no_telephone_and_every_comisaria_hangs_from_a_divpol():
    rows = [raw.values for raw in read_csv(DATA / "demo_units.csv")]
    kind_of = {row["codigo"]: row["tipo"] for row in rows}
    stations = [row for row in rows if row["tipo"] == UnitKind.COMISARIA]
    assert not any(row["telefono"] for row in rows)
    assert {kind_of[row["padre"]] for row in stations} == {"divpol"}
    assert sum(row["tipo"] == UnitKind.SECTOR for row in rows) == 6
