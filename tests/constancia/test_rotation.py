"""Keys rotate: old constancias stay good, and a retired key's new ones never are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time

from backend.constancia.models import Verdict
from backend.constancia.services import issue, keys_as_json, published_keys, verify
from backend.crypto import KeyRing
from tests.constancia.examples import NUMERO, SALT, content

BORN = datetime(2026, 1, 5, 15, 0, 0, 123_456, tzinfo=UTC)
ROTATED = datetime(2026, 7, 1, 9, 30, 0, 654_321, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def rings() -> tuple[KeyRing, KeyRing]:
    """The ring before and after a rotation."""
    with freeze_time(BORN):
        old = KeyRing.generate()
    with freeze_time(ROTATED):
        return old, old.rotated("constancia")


def verdict(ring: KeyRing, at: datetime, known: KeyRing) -> Verdict:
    payload = issue(ring, NUMERO, at, content(), SALT)
    return verify(payload.code, published_keys(known), content(), SALT).verdict


def test_what_was_signed_before_the_rotation_stays_good(rings):
    old, new = rings
    assert verdict(old, BORN, new) is Verdict.GOOD
    assert verdict(old, ROTATED - HOUR, new) is Verdict.GOOD
    assert verdict(new, ROTATED, new) is Verdict.GOOD


def test_a_retired_keys_new_signature_does_not_verify(rings):
    old, new = rings
    assert verdict(old, ROTATED + HOUR, new) is Verdict.KEY_RETIRED
    assert verdict(old, ROTATED + timedelta(days=900), new) is Verdict.KEY_RETIRED


def test_a_machine_that_learns_of_the_rotation_minutes_later_signs_well(rings):
    old, new = rings
    assert verdict(old, ROTATED + timedelta(minutes=9), new) is Verdict.GOOD
    assert verdict(new, ROTATED - timedelta(seconds=50), new) is Verdict.GOOD


def test_the_new_key_did_not_sign_in_the_past(rings):
    _, new = rings
    assert verdict(new, ROTATED - HOUR, new) is Verdict.KEY_TOO_YOUNG


def test_a_key_that_was_forgotten_still_verifies_what_it_signed(rings):
    old, new = rings
    forgotten = new.without("constancia", 1)
    assert verdict(old, ROTATED - HOUR, forgotten) is Verdict.GOOD


def test_a_stranger_with_the_keys_of_before_says_that_the_key_is_unknown(rings):
    old, new = rings
    assert verdict(new, ROTATED + HOUR, old) is Verdict.UNKNOWN_KEY


def test_a_key_without_known_times_is_not_limited_by_them(rings):
    _, new = rings
    timeless = replace(new, since={})
    assert verdict(new, BORN - HOUR, timeless) is Verdict.GOOD


def test_no_secret_is_published(rings):
    _, new = rings
    published = str(keys_as_json(published_keys(new)))
    assert not [key for key in new.keys["constancia"].values() if key.hex() in published]
    assert [one["version"] for one in keys_as_json(published_keys(new))["llaves"]] == [1, 2]
