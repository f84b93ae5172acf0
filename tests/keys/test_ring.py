"""The ring's file: what a rotation, a release and a forgotten key leave in it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.crypto import PURPOSES, KeyRing

SECOND = timedelta(seconds=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def without_later_purposes(file: Path) -> dict[str, dict[str, dict[str, str]]]:
    """The file as the first release wrote it: no vault, no instants."""
    KeyRing.generate().rotated("master").save(file)
    document = json.loads(file.read_text())
    for purpose in ("vault", "blind", "constancia"):
        del document[purpose]
    for entry in document.values():
        del entry["since"]
    file.write_text(json.dumps(document))
    return document


def test_what_is_saved_is_read_again(file):
    ring = KeyRing.generate().rotated("vault").rotated("constancia").without("vault", 1)
    ring.save(file)
    assert KeyRing.load(file) == ring
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_rotation_says_since_when(file):
    before = datetime.now(UTC)
    ring = KeyRing.generate().rotated("blind")
    assert set(ring.since["blind"]) == {1, 2}
    assert before - SECOND <= ring.since["blind"][1] <= ring.since["blind"][2]
    assert set(ring.since) == set(PURPOSES)


def test_a_ring_of_the_first_release_is_completed_and_loses_nothing(file):
    document = without_later_purposes(file)
    with pytest.raises(ValueError, match="lacks vault, blind, constancia: flask keys create"):
        KeyRing.load(file)

    KeyRing.load(file, may_lack_purposes=True).completed().save(file)

    ring = KeyRing.load(file)
    written = json.loads(file.read_text())
    for purpose, entry in document.items():
        assert written[purpose]["keys"] == entry["keys"]
        assert written[purpose]["current"] == entry["current"]
    assert ring.current("master")[0] == 2
    assert ring.since["master"] == {}  # nobody wrote it down
    assert set(ring.since["vault"]) == {1}
    assert ring.completed() is ring


def test_a_forgotten_version_is_never_given_to_another_key():
    ring = KeyRing.generate().rotated("vault").rotated("vault")
    ring = ring.without("vault", 1).without("vault", 2)
    assert ring.rotated("vault").current("vault")[0] == 4


def test_the_current_key_cannot_be_taken_out():
    with pytest.raises(ValueError, match="current"):
        KeyRing.generate().without("vault", 1)


def test_published_keys_outlive_their_seeds(file):
    first = KeyRing.generate()
    ring = first.rotated("constancia").without("constancia", 1)
    ring.save(file)
    old, new = KeyRing.load(file).signing_keys()

    seed = first.key("constancia", 1)
    assert (
        old.public_key == Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    )
    assert (old.version, new.version) == (1, 2)
    assert old.since < old.until == new.since
    assert new.until is None
    assert list(KeyRing.load(file).keys["constancia"]) == [2]


def test_two_rings_together_have_the_keys_of_both():
    first = KeyRing.generate()
    later = first.rotated("vault").without("vault", 1)
    both = later.with_keys_of(first)
    assert both.current("vault") == later.current("vault")
    assert both.key("vault", 1) == first.key("vault", 1)


def test_a_printed_ring_shows_no_key():
    ring = KeyRing.generate()
    assert not any(repr(key) in repr(ring) for keys in ring.keys.values() for key in keys.values())
