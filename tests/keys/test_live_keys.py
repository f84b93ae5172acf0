"""Running processes see a rotation without a restart, and survive a damaged file."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from backend import live_keys
from backend.crypto import KeyRing
from backend.live_keys import LiveKeyRing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    KeyRing.generate().save(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


@pytest.fixture
def passing_time(monkeypatch):
    """Call it with seconds, and they have passed for the ring."""
    passed = [0.0]
    monkeypatch.setattr(live_keys.time, "monotonic", lambda: passed[0])

    def pass_by(seconds: float) -> None:
        passed[0] += seconds

    return pass_by


def rotate(file: Path, purpose="vault") -> KeyRing:
    ring = KeyRing.load(file).rotated(purpose)
    ring.save(file)
    return ring


def test_a_rotation_takes_effect_within_a_second(file, passing_time):
    live = LiveKeyRing(file)
    rotated = rotate(file)
    assert live.current("vault")[0] == 1  # not looked again yet
    passing_time(1)
    assert live.current("vault") == rotated.current("vault")
    assert live.keys == rotated.keys
    assert live.since == rotated.since
    assert live.signing_keys() == rotated.signing_keys()


def test_an_unknown_version_is_looked_for_at_once(file, passing_time):
    live = LiveKeyRing(file)
    rotated = rotate(file)
    assert live.key("vault", 2) == rotated.key("vault", 2)
    with pytest.raises(KeyError):
        live.key("vault", 3)


def test_the_file_is_looked_at_once_a_second_and_read_when_it_changed(
    file, passing_time, monkeypatch
):
    live = LiveKeyRing(file)
    looks, reads = [], []
    stamp, load = live_keys._stamp, KeyRing.load
    monkeypatch.setattr(live_keys, "_stamp", lambda path: looks.append(1) or stamp(path))
    monkeypatch.setattr(KeyRing, "load", lambda path: reads.append(1) or load(path))
    for _ in range(30):
        live.current("vault")
        passing_time(0.125)
    assert len(looks) == 3
    assert reads == []
    rotate_without_spy = load(file).rotated("blind")
    rotate_without_spy.save(file)
    for _ in range(30):
        live.current("blind")
        passing_time(0.125)
    assert len(reads) == 1


@pytest.mark.parametrize("content", [None, "", "{}", "{", '{"vault": 1}', "null"])
def test_a_damaged_or_missing_file_changes_nothing_but_the_log(
    file, passing_time, monkeypatch, content
):
    log = CapturingLogger()
    monkeypatch.setattr(live_keys, "log", log)
    live = LiveKeyRing(file)
    known = live.current("vault")
    good = file.read_text()
    file.unlink() if content is None else file.write_text(content)
    for _ in range(3):
        passing_time(1)
        assert live.current("vault") == known
    assert [(one.method_name, one.args) for one in log.calls] == [
        ("warning", ("key_ring_unreadable",))
    ]

    file.write_text(good)
    file.chmod(0o600)
    rotated = rotate(file)
    passing_time(1)
    assert live.current("vault") == rotated.current("vault")


def test_a_process_short_of_files_for_a_moment_does_not_miss_the_rotation(
    file, passing_time, monkeypatch
):
    live, load = LiveKeyRing(file), KeyRing.load
    rotated = rotate(file)

    def no_more_files(path: Path) -> KeyRing:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(KeyRing, "load", no_more_files)
    passing_time(1)
    assert live.current("vault")[0] == 1
    monkeypatch.setattr(KeyRing, "load", load)
    passing_time(1)
    assert live.current("vault") == rotated.current("vault")


def test_a_file_that_others_may_read_is_not_believed(file, passing_time):
    live = LiveKeyRing(file)
    rotate(file)
    file.chmod(0o644)
    passing_time(1)
    assert live.current("vault")[0] == 1
    file.chmod(0o600)
    passing_time(1)
    assert live.current("vault")[0] == 2


def until(holds: Callable[[], object]) -> None:
    """Other threads work meanwhile; the test's own time limit ends a wait that is in vain."""
    while not holds():
        time.sleep(0.001)  # lets the other threads run


def test_threads_always_see_a_version_with_its_own_key(file, monkeypatch):
    monkeypatch.setattr(live_keys, "LOOK_SECONDS", 0)
    live, seen, ended = LiveKeyRing(file), [], threading.Event()

    def use() -> None:
        while not ended.is_set():
            seen.append(live.current("vault"))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for version in range(1, 21):
        until(lambda version=version: seen and seen[-1][0] == version)
        rotate(file)
    ended.set()
    for thread in threads:
        thread.join()
    final = KeyRing.load(file)
    assert {version for version, _ in seen} >= set(range(1, 21))
    assert all(final.key("vault", version) == key for version, key in seen)


def test_what_is_derived_from_a_live_ring_is_a_ring_of_its_own(file):
    live = LiveKeyRing(file)
    assert live.rotated("session").current("session")[0] == 2
    assert live.current("session")[0] == 1
