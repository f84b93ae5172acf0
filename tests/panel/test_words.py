"""Every state, mark, event and rule that the code can write has its Spanish words."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from admin import moments, words
from backend.boards.events import Happened
from backend.boards.models import AreaSource, Sex
from backend.boards.rows import AccessState, JuntaState
from backend.denuncias.models import Verdict
from backend.forwarding.models import Channel, Purpose
from backend.media.models import AttachmentState
from backend.moderation.services import Flag
from backend.outbox import WorkState
from backend.reports.models import Kind, MessageAuthor, PlaceSource, Step
from backend.reports.states import Moderation, State, Verification

BACKEND = Path(__file__).parents[2] / "backend"
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # in Lima


@pytest.mark.parametrize(
    ("table", "enum"),
    [
        (words.STATES, State),
        (words.MODERATIONS, Moderation),
        (words.VERIFICATIONS, Verification),
        (words.KINDS, Kind),
        (words.FLAGS, Flag),
        (words.PLACE_SOURCES, PlaceSource),
        (words.AUTHORS, MessageAuthor),
        (words.PHOTO_STATES, AttachmentState),
        (words.CHANNELS, Channel),
        (words.PURPOSES, Purpose),
        (words.WORK_STATES, WorkState),
        (words.STEPS, Step),
        (words.VERDICTS, Verdict),
        (words.JUNTA_STATES, JuntaState),
        (words.ACCESS_STATES, AccessState),
        (words.SEXES, Sex),
        (words.AREA_SOURCES, AreaSource),
        (words.JUNTA_EVENTS, Happened),
        (words.ORIGINAL_REASONS, words.OriginalReason),
    ],
)
def test_each_word_of_the_code_has_spanish_ones(app, table, enum):
    assert set(table) == set(enum)
    said = [str(text) for text in table.values()]
    assert all(said)
    assert len(set(said)) == len(said)


def test_each_event_of_a_history_has_words():
    written = set()
    for path in (
        "journey.py",
        "deadlines.py",
        "triage.py",
        "casework.py",
        "submission/ampliacion.py",
    ):
        source = (BACKEND / path).read_text()
        written |= set(re.findall(r'event"?[=:] ?"([a-z_]+)"', source))
    # Written by the submission's own statement, and named by the verification itself.
    written |= {"received", "verified", "refuted"}
    assert written == set(words.EVENTS)


def test_each_routing_rule_has_words():
    source = (BACKEND / "routing" / "services.py").read_text()
    rules = set(re.findall(r'"(jurisdiction|[a-z]+|[a-z]+_[a-z]+)"', source)) & set(words.RULES)
    assert rules == set(words.RULES)


def test_times_are_said_as_people_say_them(app):
    say = moments.moment_words
    assert say(NOON - timedelta(hours=3), NOON) == "hoy 09:00"
    assert say(NOON - timedelta(hours=13), NOON) == "ayer 23:00"
    assert say(NOON - timedelta(days=9), NOON) == "12/11/2026 12:00"
    assert moments.band_words(NOON, NOON) == "hoy, en la tarde"
    assert moments.band_words(NOON - timedelta(hours=9), NOON) == "hoy, de madrugada"
    assert moments.left_words(NOON + timedelta(minutes=4), NOON) == "quedan 4 min"
    assert moments.left_words(NOON - timedelta(hours=3), NOON) == "vencido hace 3 h"
    assert moments.span_words(timedelta(seconds=40)) == "40 s"
    assert moments.span_words(timedelta(days=3)) == "3 días"
