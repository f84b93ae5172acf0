"""A town with phones in the street and officers at their desks, both in a real browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect as expects

from backend import clock
from backend.db import db, transaction
from backend.parts import Parts
from backend.territory.models import District, UnitKind
from tests.builders import a_unit
from tests.journey.doing import do_all_work
from tests.pages.conftest import jpeg, live_server, open_phone, phone
from tests.panel.stories import Town
from tests.panel.test_triage import open_desk
from tests.quejas.builders import order_desks
from tests.stories.people import Author, Desk

__all__ = ["jpeg", "live_server", "open_desk", "open_phone", "phone"]

# A machine that is busy with other things takes its time over a page.
PATIENCE_MS = 15_000
# The district around both comisarías; its middle lies in the western one.
CALLAO = (-77.16, -12.09, -77.10, -12.03)


class StoryTown(Town):
    """The town of the panel's tests, with a desk for quejas and one for drugs."""

    def __init__(self, app: Flask, work: Callable[[], object]) -> None:
        super().__init__(app, work)
        desk = UnitKind.SPECIALISED
        self.cud = a_unit("CUD", desk, name="Central Única de Denuncias", is_independent=True)
        self.drugs_desk = a_unit(
            "DROGAS", desk, name="Unidad antidrogas", parent=self.callao.region, matters=["drogas"]
        )
        order_desks(self.cud)
        with transaction():
            outline = f"SRID=4326;MULTIPOLYGON((({_ring(*CALLAO)})))"
            db.session.get_one(District, "070101").geom = outline


def _ring(west: float, south: float, east: float, north: float) -> str:
    return f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"


@pytest.fixture
def town(app: Flask, parts: Parts) -> StoryTown:
    expects.set_options(timeout=PATIENCE_MS)
    return StoryTown(app, lambda: do_all_work(parts))


@pytest.fixture
def author(phone: Page, town: StoryTown) -> Author:
    """Somebody with a phone in the western jurisdiction."""
    return Author(phone)


@pytest.fixture
def desk_of(open_desk, live_server: str, town: StoryTown) -> Callable[..., Desk]:
    """The browser of an officer with this role in this unit, at its desk."""

    def of(unit, role: str = "operador") -> Desk:
        is_known = role == "operador" and unit.id == town.operador.unit_id
        officer = town.operador if is_known else town.officer(role, unit)
        return Desk(open_desk(officer), live_server, town)

    return of


class Shift:
    """The time that the project reads: an hour before the present shift, until it begins."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        began = clock.next_shift(now) - timedelta(hours=clock.SHIFT_HOURS)
        self.behind = now - began + timedelta(hours=1)

    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind

    def begins(self) -> None:
        self.behind = timedelta()


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Shift:
    shift = Shift()
    monkeypatch.setattr(clock, "now", shift.now)
    return shift


@pytest.fixture
def second_phone(open_phone) -> Callable[[], Author]:
    """Another phone, which knows nothing of the first."""
    return lambda: Author(open_phone())
