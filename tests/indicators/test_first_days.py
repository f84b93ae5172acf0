"""What the database says of a comisaría's juntas on the first day of each quarter."""

from datetime import date, timedelta

from admin.indicator_words import sheet_of
from backend.indicators.models import Level, Period, Quarter
from backend.indicators.queries import stations_around
from backend.indicators.services import results_for
from tests.builders import a_member_of_staff, a_unit
from tests.indicators.rows import a_junta, a_station, juntas, lima

JANUARY, APRIL, JULY = date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)
DAY = timedelta(days=1)
ALWAYS = (date(2024, 1, 1), date(2027, 12, 31))


def test_a_junta_counts_on_the_first_days_that_a_term_covers(app):
    unit = a_station("WEST", "180301")
    a_junta(unit, ALWAYS)
    a_junta(unit, ALWAYS, ended_on=APRIL)
    a_junta(unit, (date(2023, 4, 1), APRIL))
    a_junta(unit, (APRIL + DAY, date(2027, 4, 1)))
    a_junta(unit, (date(2023, 4, 1), APRIL), (APRIL, date(2027, 4, 1)))  # once, on both
    a_junta(unit, (date(2024, 1, 1), JANUARY - DAY))
    [station] = stations_around(unit.id, Period(Quarter(2025, 3), JULY + DAY))
    assert station.first_days == (4, 3, 3)
    assert (station.juntas, station.juntas_year) == (3, 5)
    [earlier] = stations_around(unit.id, Period(Quarter(2025, 1), JULY + DAY))
    assert earlier.first_days == (4,)


def test_a_junta_that_ends_within_the_quarter_does_not_move_its_comisaria(app, parts):
    """The region looks every day: yesterday two lines, today the same two."""
    region = a_unit("REG", "region", name="Región Sur")
    large, small = a_station("ILO", "180301", region), a_station("PAMPA", "180301", region)
    juntas(large, 8, ALWAYS)
    juntas(small, 4, ALWAYS)
    a_junta(small, ALWAYS, ended_on=date(2025, 5, 10))
    supervisor = a_member_of_staff("supervisora", "supervisor", region)

    def lines(day: date) -> list[tuple[str, int]]:
        asked = Quarter.of(day), Level.COMISARIA, lima(day), day
        rows = results_for(supervisor, parts.catalog, *asked).rows
        return [(row.name, row.facts.juntas) for row in rows]

    two = [("Comisaría ILO", 8), ("Comisaría PAMPA", 5)]
    assert lines(date(2025, 5, 9)) == lines(date(2025, 5, 10)) == lines(date(2025, 6, 30)) == two
    assert [number for _, number in lines(JULY)] == [12]


def test_it_is_said_where_the_year_is_not_shown(app, parts):
    region = a_unit("REG", "region", name="Región Sur")
    large, late = a_station("ILO", "180301", region), a_station("PAMPA", "180301", region)
    juntas(large, 8, ALWAYS)
    juntas(late, 2, (APRIL, date(2027, 3, 31)))
    supervisor = a_member_of_staff("supervisora", "supervisor", region)
    asked = Quarter.of(APRIL), Level.COMISARIA, lima(APRIL), APRIL
    sheet = sheet_of(results_for(supervisor, parts.catalog, *asked), lima(APRIL))
    [line] = sheet.tables[0].lines
    assert [words_of(cell) for cell in line.cells] == ["0 de 10", "0 de 0"]
    assert "Desde el 1 de enero no se muestra" in line.note
    assert any("no se muestra ni se suma al total" in words for words in sheet.remarks)


def words_of(cell) -> str:
    return f"{cell.numerator} de {cell.denominator}"
