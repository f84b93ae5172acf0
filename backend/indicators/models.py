"""The words of the proof: quarters, what is counted, and the groups of juntas it is counted for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

from backend.clock import LIMA

# A figure of fewer juntas than these would tell about somebody (issue: "merged upward").
SMALLEST_GROUP = 5
QUARTERS = (1, 2, 3, 4)
MONTHS_OF_QUARTER = 3


class Level(StrEnum):
    """For what a row of a table stands."""

    JUNTA = "junta"
    COMISARIA = "comisaria"
    DISTRICT = "distrito"
    PROVINCE = "provincia"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of the calendar in Lima."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter of a day."""
        return cls(day.year, (day.month - 1) // MONTHS_OF_QUARTER + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS_OF_QUARTER + 1, 1)

    @property
    def last_day(self) -> date:
        after = date(self.year + self.number // 4, self.number % 4 * MONTHS_OF_QUARTER + 1, 1)
        return after - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter as far as it has come: until its last day, or until today.

    `by_weeks`: of informes only those of weeks that are over, Monday to Sunday, and only what was
    known of them then. Where each junta has a line, one that moved at once would tell whose is the
    report that has just come.
    """

    quarter: Quarter
    today: date
    by_weeks: bool = False

    @property
    def first_day(self) -> date:
        return self.quarter.first_day

    @property
    def first_days(self) -> list[date]:
        """Of each quarter of the year until this one."""
        return [Quarter(self.quarter.year, n).first_day for n in range(1, self.quarter.number + 1)]

    @property
    def year_first_day(self) -> date:
        return date(self.quarter.year, 1, 1)

    @property
    def last_day(self) -> date:
        return min(self.quarter.last_day, self.today)

    @property
    def last_sunday(self) -> date:
        """The last day of the last week that is over."""
        return self.today - timedelta(days=self.today.isoweekday())

    @property
    def told_until(self) -> date:
        """The last day of which informes are counted."""
        return min(self.last_day, self.last_sunday) if self.by_weeks else self.last_day

    def known_until(self, now: datetime) -> datetime:
        """What came of informes later than this is not counted."""
        if not self.by_weeks:
            return now
        return datetime.combine(self.last_sunday + timedelta(days=1), time.min, LIMA)

    @property
    def is_running(self) -> bool:
        return self.today <= self.quarter.last_day


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted for a junta, or added up for several. Names say what, docs/indicadores.md
    how. `…_plain` leaves out juntas that told of sensible matters only."""

    juntas: int = 0
    informing: int = 0
    informing_plain: int = 0
    juntas_year: int = 0
    informing_year: int = 0
    informing_year_plain: int = 0
    delito: int = 0
    falta: int = 0
    factor_de_riesgo: int = 0
    otro: int = 0
    acknowledged: int = 0
    acknowledged_in_time: int = 0
    acknowledge_due: int = 0
    answered: int = 0
    answered_in_time: int = 0
    answer_due: int = 0
    verified: int = 0
    patrols: int = 0
    interventions: int = 0
    risks_fixed: int = 0
    lights_fixed: int = 0
    juntas_last_day: int = 0
    women: int = 0
    men: int = 0

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(
            *(getattr(self, name) + getattr(other, name) for name in FACTS)  # in their order
        )

    @property
    def informes(self) -> int:
        return self.delito + self.falta + self.factor_de_riesgo + self.otro

    @property
    def members(self) -> int:
        return self.women + self.men

    def without_hints(self) -> "Facts":
        """The same as it may be shown for one group of juntas that stands by itself.

        Who knows which of them told something ordinary could else find out who told of a sensible
        matter: it counts where that might be any of five.
        """
        hides = self.juntas - self.informing_plain >= SMALLEST_GROUP
        hides_year = self.juntas_year - self.informing_year_plain >= SMALLEST_GROUP
        shown = {name: getattr(self, name) for name in FACTS}
        if not hides:
            shown["informing"] = self.informing_plain
        if not hides_year:
            shown["informing_year"] = self.informing_year_plain
        return Facts(**shown)

    def without_year(self) -> "Facts":
        return replace(self, juntas_year=0, informing_year=0, informing_year_plain=0)


FACTS = tuple(each.name for each in fields(Facts))


def total(facts: Iterable[Facts]) -> Facts:
    """All added up."""
    return sum(facts, start=Facts())


@dataclass(frozen=True, slots=True)
class Station:
    """A comisaría, where it is, and of how many juntas its figures would be."""

    unit_id: int
    name: str
    ubigeo: str  # empty where nobody recorded it
    district: str
    province: str
    department: str
    juntas: int = 0
    juntas_year: int = 0
    # On the first day of each quarter since January, until the one that is looked at.
    first_days: tuple[int, ...] = ()
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Comisarías whose juntas are counted together, and never apart in the same year."""

    stations: tuple[Station, ...]
    # The groups that it was until it joined others in a later quarter, by their units.
    parts: tuple[tuple[int, ...], ...]
    # Whether it had enough juntas on the first day of some quarter.
    is_known: bool = False
    # Whether some part joined after January that had not been known.
    joined_late: bool = False

    @classmethod
    def of(cls, station: Station) -> Self:
        return cls((station,), ((station.unit_id,),))

    @property
    def juntas(self) -> int:
        return sum(station.juntas for station in self.stations)

    @property
    def unit_ids(self) -> tuple[int, ...]:
        return tuple(station.unit_id for station in self.stations)

    @property
    def in_scope(self) -> bool:
        return all(station.in_scope for station in self.stations)

    def juntas_on(self, quarter: int) -> int:
        """On the first day of a quarter, counted from 0."""
        return sum(station.first_days[quarter] for station in self.stations)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results: a junta, or the groups of comisarías that make up a place."""

    name: str
    facts: Facts
    stations: tuple[Station, ...] = ()
    # What the line brings together, where it is several comisarías or places.
    reunites: tuple[str, ...] = ()
    # Whether some comisaría of the place is left out, as its figures may not be shown here.
    is_partial: bool = False
    # Whether what was counted since 1 January may not be shown for all of it.
    joined_late: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """What a page, a spreadsheet or a print shows."""

    period: Period
    level: Level
    unit_name: str
    goal: int  # of a hundred juntas, since 1 January
    answer_days: int
    rows: tuple[Row, ...] = field(default=())
    total: Facts = field(default=Facts())
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; of none there is no percentage."""

    numerator: int
    denominator: int

    @property
    def percentage(self) -> Decimal | None:
        """With one decimal, halves away from zero, as people round."""
        if not self.denominator:
            return None
        exact = Decimal(100 * self.numerator) / self.denominator
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


# None: there is nothing that could be counted.
Cell = str | int | Share | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: what it is of, what that brings together, and its cells."""

    name: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first heading is that of the names."""

    title: str
    short_title: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    whole: Line | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The results in words, the same on the page, in the spreadsheet and on paper."""

    title: str
    unit: str
    period: str
    counted_at: str
    tables: tuple[Table, ...]
    remarks: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
