"""What the machines make of a report: marks, their sum, and when it is enough to hold."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.moderation.services import (
    HOLD_AT,
    NUISANCE,
    Flag,
    PhotoEvidence,
    assess,
    text_hash,
)

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
FINE = PhotoEvidence(100, NOW - timedelta(minutes=5), False)
SILENT = PhotoEvidence(None, None, False)
BROKEN = PhotoEvidence(None, None, True)
ELSEWHERE = PhotoEvidence(5_001, None, False)
OLD = PhotoEvidence(None, NOW - timedelta(hours=25), False)


def look_at(**changes):
    ordinary = {
        "description": "Dos personas en una moto",
        "received_at": NOW,
        "photos": [],
        "earlier_flags": [],
        "same_text_count": 0,
        "same_place_count": 0,
        "place_flood_limit": 15,
    }
    return assess(**(ordinary | changes))


@pytest.mark.parametrize(
    ("changes", "flags", "is_held"),
    [
        ({}, set(), False),
        ({"photos": [FINE, SILENT]}, set(), False),
        ({"description": "", "photos": [FINE]}, set(), False),
        ({"description": ""}, {"nothing_said"}, False),
        ({"photos": [BROKEN]}, {"photo_broken"}, False),
        ({"description": " ", "photos": [BROKEN]}, {"nothing_said", "photo_broken"}, True),
        ({"same_text_count": 1}, {"repeated_text"}, True),
        ({"same_place_count": 15}, set(), False),
        ({"same_place_count": 16}, {"place_flood"}, True),
        ({"photos": [FINE, ELSEWHERE]}, {"photo_elsewhere"}, True),
        ({"photos": [OLD]}, {"photo_old"}, True),
        ({"photos": [PhotoEvidence(4_999, NOW - timedelta(hours=23), False)]}, set(), False),
        # A camera in the future is a wrong clock, not a nuisance.
        ({"photos": [PhotoEvidence(None, NOW + timedelta(days=900), False)]}, set(), False),
        # What a broken photo claims is not believed.
        ({"photos": [PhotoEvidence(9_000_000, None, True)]}, {"photo_broken"}, False),
        ({"earlier_flags": ["clock_ahead", "no_gps"]}, {"clock_ahead", "no_gps"}, False),
        ({"earlier_flags": ["phone_flood"]}, {"phone_flood"}, True),
    ],
)
def test_marks_and_what_follows(changes, flags, is_held):
    assessment = look_at(**changes)
    assert set(assessment.flags) == flags
    assert assessment.should_hold is is_held
    assert assessment.nuisance == sum(NUISANCE.get(Flag(flag), 0) for flag in flags)


def test_a_wrong_clock_or_place_alone_never_holds_a_report():
    faults_of_the_phone = set(Flag) - set(NUISANCE)
    assert {"clock_ahead", "clock_behind", "poor_accuracy", "no_gps"} <= faults_of_the_phone
    assert not look_at(earlier_flags=faults_of_the_phone).should_hold
    assert HOLD_AT > 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Se llevaron mi moto", "SE LLEVARON MI MOTO!!", True),
        ("Se llevó la camión", "se llevo   la camion.", True),
        ("Se llevaron mi moto", "Se llevaron mi auto", False),
    ],
)
def test_the_same_text_is_the_same_however_it_is_written(one, other, is_same):
    assert (text_hash(one) == text_hash(other)) is is_same


@pytest.mark.parametrize("short", ["", "Ayuda", "robo robo", "¡¡¡¿¿¿!!!", "日本語日本語日本語"])
def test_words_that_anybody_writes_are_not_compared(short):
    assert text_hash(short) is None
