"""A watch to set, a territory, and a story to tell about one report after another."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend import clock, triage
from backend.db import db, transaction
from backend.identity.models import Staff
from backend.parts import Parts
from backend.reports.models import PlaceSource, Report
from backend.reports.services import Place, beat
from backend.submission.alerta import Submission, submit_alerta
from backend.submission.intake import Receipt
from backend.territory.models import PoliceUnit
from tests.builders import IN_WEST, Callao, a_member_of_staff
from tests.journey.doing import Bell, do_all_work, with_bell

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # on Lima's clocks


class Watch:
    """The time that the whole project reads."""

    def __init__(self) -> None:
        self.now = NOON

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    return watch


class Story:
    """Sends reports and does the workers' part; `bell` remembers what was rung for."""

    def __init__(self, parts: Parts, watch: Watch, callao: Callao) -> None:
        self.parts, self.bell = with_bell(parts)
        self.watch, self.callao = watch, callao
        self.sent = 0

    def send(self, categoria: str = "robo", place: Place | None = None, **changes: Any) -> UUID:
        """A report from a phone of its own, with words of its own."""
        numero = self.submit(categoria, place, **changes).numero
        return db.session.scalars(select(Report.id).where(Report.numero == numero)).one()

    def submit(self, categoria: str, place: Place | None = None, **changes: Any) -> Receipt:
        self.sent += 1
        self.watch.forward(microseconds=1)  # no two reports arrive at the very same instant
        description = changes.pop("description", f"Historia distinta número {self.sent}")
        uploads = changes.pop("uploads", ())
        submission = Submission(
            categoria=self.parts.catalog.categoria(categoria),
            place=place or Place(PlaceSource.GPS, IN_WEST["lat"], IN_WEST["lon"], 10),
            occurred_at=None,
            is_ongoing=False,
            description=description,
            canonical=f"{self.sent}".encode(),
            **changes,
        )
        return submit_alerta(
            self.parts,
            submission,
            uploads,
            credential=uuid4().hex,
            idempotency_key=uuid4().hex,
            now=self.watch.now,
        )

    def work(self) -> int:
        """Workers do whatever is due."""
        return do_all_work(self.parts)

    def sit_at(self, unit: PoliceUnit) -> None:
        """Somebody has this unit's desk open."""
        with transaction():
            beat(unit.id, self.watch.now)

    def officer(self, unit: PoliceUnit, role: str = "operador") -> Staff:
        return a_member_of_staff(f"{role}.{unit.code.lower()}", role, unit)


@pytest.fixture
def callao(app: object) -> Callao:
    return Callao()


@pytest.fixture
def story(parts: Parts, watch: Watch, callao: Callao) -> Story:
    return Story(parts, watch, callao)


@pytest.fixture
def bell(story: Story) -> Bell:
    return story.bell


@pytest.fixture
def officer(story: Story) -> Staff:
    return story.officer(story.callao.west)


@pytest.fixture
def on_desk(story: Story) -> UUID:
    """An urgent report that has reached its desk, seen by nobody."""
    # A point on a station is no place (design §8).
    report_id = story.send("robo", Place(PlaceSource.GPS, -12.064, -77.134, 10))
    story.work()
    return report_id


@pytest.fixture
def acknowledged(story: Story, officer: Staff, on_desk: UUID) -> UUID:
    triage.record_acknowledgement(story.parts, officer, on_desk, story.watch.now)
    return on_desk
