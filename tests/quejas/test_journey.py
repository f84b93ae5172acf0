"""A queja from its arrival with a shift to its escalation, past everybody who must not know."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend import clock, deadlines, journey, triage
from backend.db import db, transaction
from backend.errors import InvalidInput, NotFound
from backend.forwarding.models import Envio
from backend.reports.models import Report
from backend.reports.queries import desk_pulse, report_for, visible_to
from backend.reports.states import State
from backend.territory.models import PoliceUnit
from tests.builders import a_unit
from tests.journey.acts import transfer
from tests.journey.conftest import NOON, Story, Watch
from tests.journey.doing import envios_of, events, fresh
from tests.quejas.builders import NOT_KNOWN, THE_CUD, Ladder, a_queja, against, codes


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    return watch


@pytest.fixture
def ladder(app: object) -> Ladder:
    return Ladder()


@pytest.fixture
def story(parts, watch: Watch, ladder: Ladder) -> Story:
    return Story(parts, watch, ladder)


def arrived(story: Story, *args, **changes) -> UUID:
    """A queja on its desk."""
    report_id = a_queja(story.parts, story.watch.now, *args, **changes)
    story.watch.now = clock.next_shift(story.watch.now)
    story.work()
    return report_id


@pytest.mark.parametrize(
    ("at", "next_at"),
    [
        ("2026-11-20T05:00", "2026-11-20T11:00"),  # midnight in Lima
        ("2026-11-20T10:59:59", "2026-11-20T11:00"),
        ("2026-11-20T11:00", "2026-11-20T17:00"),
        ("2026-11-20T22:59", "2026-11-20T23:00"),
        ("2026-11-21T04:59", "2026-11-21T05:00"),
    ],
)
def test_shifts_begin_at_0_6_12_and_18_in_lima(at: str, next_at: str):
    def instant(words: str) -> datetime:
        return datetime.fromisoformat(words).replace(tzinfo=UTC)

    assert clock.next_shift(instant(at)) == instant(next_at)


def test_it_arrives_with_the_shift(story: Story, ladder: Ladder):
    officer = story.officer(ladder.cud)
    story.watch.forward(minutes=7)
    quiet = desk_pulse(officer)
    report_id = a_queja(story.parts, story.watch.now)
    story.work()
    assert fresh(report_id).state is State.RECEIVED
    assert envios_of(report_id) == []
    story.watch.forward(hours=5, minutes=52)
    deadlines.release_overdue_reviews(story.parts, story.watch.now)
    journey.add_author_message(report_id, "Se me olvidó decir algo", story.watch.now)
    story.work()
    assert desk_pulse(officer) == quiet, "the minute shows on no desk"
    story.watch.forward(minutes=1)
    story.work()
    report = fresh(report_id)
    assert story.watch.now == datetime(2026, 11, 20, 23, tzinfo=UTC)  # 18:00 in Lima
    assert report.state is State.FORWARDED
    assert [one.created_at for one in envios_of(report_id)] == [story.watch.now]
    minutes = story.parts.catalog.asunto("maltrato_policial").acknowledge_minutes
    assert (report.acknowledge_by - story.watch.now).total_seconds() == minutes * 60
    assert desk_pulse(officer) != quiet


def test_it_comes_all_the_same_when_workers_were_away(story: Story):
    report_id = a_queja(story.parts, story.watch.now)
    story.watch.now = clock.next_shift(NOON)
    story.watch.forward(minutes=11)
    deadlines.release_overdue_reviews(story.parts, story.watch.now)
    story.work()
    assert fresh(report_id).state is State.FORWARDED


def test_what_cannot_wait_does_not(story: Story, ladder: Ladder):
    report_id = a_queja(story.parts, story.watch.now, "cobro_de_cupos", None)
    story.work()
    assert fresh(report_id).state is State.FORWARDED
    assert fresh(report_id).unit_id == ladder.extortion_desk.id


def test_who_sees_it(story: Story, ladder: Ladder):
    report_id = arrived(story, "punto_de_drogas", against(ladder.west))
    new_sector = a_unit("WEST-9", "sector", parent=ladder.west)

    def sees(unit: PoliceUnit, role: str = "operador") -> bool:
        try:
            return report_for(story.officer(unit, role), report_id) is not None
        except NotFound:
            return False

    everybody = db.session.scalars(select(PoliceUnit)).all()
    assert {unit.code for unit in everybody if sees(unit)} == {"DROGAS"}
    assert new_sector in everybody
    with transaction():
        db.session.execute(
            update(PoliceUnit).where(PoliceUnit.code == "DROGAS").values(parent_id=ladder.west.id)
        )
    assert not any(sees(unit, "comisario") for unit in everybody), "put below the accused"


def test_the_region_sees_its_specialised_desks_quejas_about_others(story: Story, ladder: Ladder):
    report_id = arrived(story, "punto_de_drogas", None)
    assert report_for(story.officer(ladder.region, "supervisor"), report_id)


def test_silence_climbs_past_the_barred(story: Story, ladder: Ladder):
    ladder_of = []
    report_id = arrived(story, "punto_de_drogas", against(ladder.inspection))
    for _ in range(5):
        if fresh(report_id).acknowledge_by is None:
            break
        story.watch.now = fresh(report_id).acknowledge_by
        deadlines.escalate_overdue(story.parts, story.watch.now)
        story.work()
        ladder_of.append(codes([fresh(report_id).escalated_unit_id or 0]))
    assert ladder_of == [{"CUD"}, {"ALT"}, {"REG"}, {"REG"}]
    assert events(report_id)[-1] == "nobody_above"
    told = codes(db.session.scalars(select(Envio.unit_id).where(Envio.report_id == report_id)))
    assert told == {"DROGAS", "CUD", "ALT", "REG"}


def test_whoever_is_told_last_sees_it(story: Story, ladder: Ladder):
    report_id = arrived(story, "maltrato_policial", against(ladder.west))
    inspector = story.officer(ladder.inspection)
    with pytest.raises(NotFound):
        report_for(inspector, report_id)
    story.watch.now = fresh(report_id).acknowledge_by
    deadlines.escalate_overdue(story.parts, story.watch.now)
    story.work()
    assert report_for(inspector, report_id)
    triage.record_acknowledgement(story.parts, inspector, report_id, story.watch.now)
    assert fresh(report_id).acknowledged_by == inspector.id


def test_it_is_handed_to_nobody_barred(story: Story, ladder: Ladder):
    officer = story.officer(ladder.drugs_desk)
    report_id = arrived(story, "punto_de_drogas", against(ladder.west))
    twin = a_unit("DROGAS-W", "especializada", parent=ladder.west, matters=["drogas"])
    report = report_for(officer, report_id)
    offered = {unit.code for unit in triage.transfer_targets(story.parts, report)}
    assert offered == {"CUD", "INSP", "ALT"}
    with pytest.raises(InvalidInput):
        transfer(story, officer, report_id, twin)
    with pytest.raises(InvalidInput), transaction():
        journey.hand_over(story.parts, fresh(report_id), twin.id, story.watch.now)
    transfer(story, officer, report_id, ladder.inspection)
    story.work()
    assert fresh(report_id).unit_id == ladder.inspection.id


def test_its_text_marks_nobody_elses(story: Story, ladder: Ladder):
    same = "El mismo texto, letra por letra, dos veces"
    first = arrived(story, "maltrato_policial", against(ladder.west), description=same)
    second = arrived(story, "maltrato_policial", THE_CUD, description=same)
    alerta = story.send("robo", description=same)
    story.work()
    assert [fresh(one).flags for one in (first, second, alerta)] == [[], [], []]


def test_lists_are_made_with_its_bars(story: Story, ladder: Ladder):
    """Whatever else is asked, nothing of the own subtree slips through."""
    report_id = arrived(story, "punto_de_drogas", NOT_KNOWN)
    supervisor = story.officer(ladder.region, "supervisor")
    found = db.session.scalars(select(Report.id).where(visible_to(supervisor))).all()
    assert report_id not in found
    assert desk_pulse(supervisor, is_wide=True).version == desk_pulse(supervisor).version
