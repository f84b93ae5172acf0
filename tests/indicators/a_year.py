"""A made-up year of five comisarías: juntas that come and go, and informes at every border."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.builders import a_member_of_staff, a_unit
from tests.indicators.rows import (
    a_district,
    a_junta,
    a_member,
    a_sensible_informe,
    a_station,
    an_informe,
    lima,
)

YEAR = 2025
DAY = timedelta(days=1)
BORDERS = [date(YEAR, month, 1) for month in (1, 4, 7, 10)] + [date(YEAR + 1, 1, 1)]
# Ubigeo and how many juntas: alone, put together, and none at all.
STATIONS = {
    "ILO": ("180301", 11),
    "PAMPA": ("180301", 3),
    "PACOCHA": ("180303", 4),
    "ALGARROBAL": ("180302", 2),
    "MOQUEGUA": ("180101", 8),
    "SAMEGUA": ("180101", 7),
    "TORATA": ("180106", 0),
}
MATTERS = [
    ("robo", 1, "delito"),
    ("danos_pintas", 3, "delito"),
    ("ruidos_alcohol", 3, "falta"),
    ("falta_de_luz", 3, "factor_de_riesgo"),
    ("lugar_abandonado", 3, "factor_de_riesgo"),
    ("accidente_transito", 1, "otro"),
]
OUTCOMES = [
    "patrulla_intervino",
    "incluido_en_patrullaje",
    "personas_intervenidas",
    "riesgo_corregido",
    "sin_novedad",
]


class Year:
    """The same year for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.region = a_unit("REG", "region", name="Región Sur")
        self.supervisor = a_member_of_staff("supervisora", "supervisor", self.region)
        self.chiefs: dict[int, int] = {}  # comisario by comisaría
        for ubigeo, name, province in (
            ("180301", "Ilo", "Ilo"),
            ("180302", "El Algarrobal", "Ilo"),
            ("180303", "Pacocha", "Ilo"),
            ("180101", "Moquegua", "Mariscal Nieto"),
            ("180106", "Torata", "Mariscal Nieto"),
        ):
            a_district(ubigeo, name, province)
        for code, (ubigeo, how_many) in STATIONS.items():
            unit = a_station(code, ubigeo, self.region)
            unit_id = unit.id
            chief = a_member_of_staff(f"comisario.{code.lower()}", "comisario", unit).id
            self.chiefs[unit_id] = chief
            for _ in range(how_many):
                self._junta(unit_id, chief)

    def _junta(self, unit_id: int, staff_id: int) -> None:
        terms, ended_on = self._life()
        junta_id = a_junta(unit_id, *terms, ended_on=ended_on)
        for _ in range(self.random.randint(2, 6)):
            self._member(junta_id)
        for _ in range(self.random.choice((0, 0, 1, 2, 3, 6))):
            self._informe(junta_id, unit_id, staff_id)
        if self.random.random() < 0.35:
            month = date(YEAR, self.random.randint(1, 12), 1)
            a_sensible_informe(junta_id, month, self.random.choice(("delito", "otro")))

    def _life(self) -> tuple[list[tuple[date, date]], date | None]:
        """Always there; created, lapsed, renewed at once or after a gap; dissolved or not."""
        kind = self.random.choice(("always", "created", "lapsed", "renewed", "gap"))
        turn = self._day()
        before, after = date(YEAR - 1, 6, 1), date(YEAR + 1, 12, 31)
        terms = {
            "always": [(before, after)],
            "created": [(turn, after)],
            "lapsed": [(before, turn)],
            "renewed": [(before, turn), (turn + DAY, after)],
            "gap": [(before, turn), (turn + self.random.randint(2, 90) * DAY, after)],
        }[kind]
        ended_on = self._day() if self.random.random() < 0.2 else None
        return terms, ended_on

    def _day(self) -> date:
        """Some day of the year, often beside the border of a quarter."""
        if self.random.random() < 0.5:
            return self.random.choice(BORDERS) + self.random.choice((-1, 0, 1)) * DAY
        return date(YEAR, 1, 1) + self.random.randrange(365) * DAY

    def _instant(self) -> datetime:
        """On that day; often in its first or last minute in Lima."""
        hour, minute = self.random.choice(((0, 0), (23, 59), (19, 30), (12, 0)))
        return lima(self._day(), hour, minute)

    def _member(self, junta_id: UUID) -> None:
        until = self._day() if self.random.random() < 0.3 else None
        ended_on = self._day() if self.random.random() < 0.2 else None
        since = date(YEAR - 1, 6, 1) if until or self.random.random() < 0.7 else self._day()
        a_member(junta_id, self.random.choice(("mujer", "hombre")), since, until, ended_on)

    def _informe(self, junta_id: UUID, unit_id: int, staff_id: int) -> None:
        at = self._instant()
        categoria, priority, kind = self.random.choice(MATTERS)
        steps, written, columns = self._course(at)
        an_informe(
            junta_id,
            unit_id,
            at,
            kind=kind,
            steps=steps,
            written=written,
            staff_id=staff_id,
            categoria=categoria,
            priority=priority,
            **columns,
        )

    def _course(self, at: datetime) -> tuple[list[Any], list[Any], dict[str, Any]]:
        """How far it came, in time or not."""
        steps: list[Any] = []
        written: list[Any] = []
        columns: dict[str, Any] = {}
        far = self.random.randint(0, 4)
        now = at
        if far >= 1:
            now += self.random.choice((0, 1, 45)) * timedelta(minutes=1)
            steps.append(("forwarded", "forwarded", now))
        if far >= 2:
            now += self.random.choice((1, 5, 30, 61, 500, 4000)) * timedelta(minutes=1)
            steps.append(("acknowledged", "acknowledged", now))
        if far >= 3:
            written.append(("ciudadano", at + timedelta(hours=1)))
            written.append(("comisaria", at + self.random.choice((1, 15, 16)) * DAY))
        if far == 4:
            now = at + self.random.choice((2, 14, 20)) * DAY + timedelta(days=3)
            columns["outcome"] = self.random.choice(OUTCOMES)
            steps.append(("closed", "resolved", now))
            if self.random.random() < 0.5:
                columns |= {"verification": "verified", "verified_at": now}
        elif far == 1 and self.random.random() < 0.3:
            steps.append(("rejected", "rejected", now + timedelta(minutes=3)))
        return steps, written, columns
