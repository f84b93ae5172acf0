"""A comisaría whose juntas are counted, as its comisario sees them and as the region does."""

from datetime import date, datetime
from uuid import UUID

from backend.identity.models import Staff
from backend.indicators import services
from backend.indicators.models import Facts, Level, Quarter, Results
from tests.builders import a_member_of_staff, a_unit
from tests.indicators.rows import a_station, a_step, an_informe, lima

# The second quarter of a year that is over when the clock says July of the next.
QUARTER = Quarter(2025, 2)
TODAY = date(2026, 7, 15)
NOON = 12


class Office:
    """The comisaría, its comisario, and the results as they see them."""

    def __init__(self, parts) -> None:
        self.catalog = parts.catalog
        region = a_unit("REG-WEST", "region", name="Región Oeste")
        self.unit = a_station("WEST", "180301", region)
        self.unit_id = self.unit.id
        self.comisario: Staff = a_member_of_staff("comisario", "comisario", self.unit)
        self.supervisor: Staff = a_member_of_staff("supervisora", "supervisor", region)
        self.staff_id = self.comisario.id

    def results(self, quarter: Quarter = QUARTER, today: date = TODAY, hour: int = NOON) -> Results:
        now = lima(today, hour)
        return services.results_for(self.comisario, self.catalog, quarter, Level.JUNTA, now, today)

    def counted(self, quarter: Quarter = QUARTER, today: date = TODAY) -> Facts:
        return self.results(quarter, today).total

    def from_above(self, quarter: Quarter = QUARTER, today: date = TODAY) -> Facts:
        """The same comisaría as the region sees it, whole."""
        now, level = lima(today), Level.COMISARIA
        return services.results_for(self.supervisor, self.catalog, quarter, level, now, today).total

    def told(self, junta_id: UUID, day: date, hour: int = NOON, minute: int = 0, **more) -> UUID:
        more.setdefault("staff_id", self.staff_id)
        return an_informe(junta_id, self.unit_id, lima(day, hour, minute), **more)

    def happens(self, report_id: UUID, event: str, state: str, at: datetime, **details) -> None:
        """Something more befalls the report of an informe."""
        a_step(report_id, self.unit_id, event, state, at, **details)
