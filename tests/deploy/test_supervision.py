"""A real supervisor over small programs: what dies comes back, and nothing stays behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.installation import MARK, Installation
from deploy.leftovers import end_leftovers, leftovers
from deploy.programs import Program
from deploy.supervision import (
    asking,
    is_supervised,
    start_supervisor,
    states,
    stop_supervisor,
    supervisor_pid,
)

SLEEPER = [sys.executable, "-c", "import time; print('despierto', flush=True); time.sleep(600)"]


@pytest.fixture
def supervised(installation: Installation) -> Installation:
    programs = [
        Program("sleeper", SLEEPER, installation.root, 1, starts_by_itself=True),
        Program("broken", ["false"], installation.root, 2, starts_by_itself=True),
    ]
    start_supervisor(installation, programs, {MARK: str(installation.root)})
    until(lambda: states(installation)["sleeper"] == "RUNNING")
    return installation


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pid_of(installation: Installation, name: str) -> int:
    with asking(installation) as supervisor:
        return int(supervisor.getProcessInfo(name)["pid"])


def is_gone(pid: int) -> bool:
    stat = Path("/proc", str(pid), "stat")
    return not stat.exists() or ") Z " in stat.read_text()


def test_what_dies_comes_back_and_everything_ends_when_told(supervised: Installation):
    first = pid_of(supervised, "sleeper")
    os.kill(first, signal.SIGKILL)
    until(lambda: pid_of(supervised, "sleeper") not in (0, first))
    second = pid_of(supervised, "sleeper")
    until(lambda: supervised.log.read_text().count("despierto") == 2)

    assert stop_supervisor(supervised)

    assert is_gone(second)
    assert not is_supervised(supervised)
    assert not list(leftovers(supervised))


def test_programs_that_lost_their_supervisor_are_found_and_ended(supervised: Installation):
    orphan, supervisor = pid_of(supervised, "sleeper"), supervisor_pid(supervised)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: is_gone(supervisor))

    assert end_leftovers(supervised) >= 1

    assert is_gone(orphan)


def test_nobody_elses_programs_are_found(installation: Installation):
    assert os.getpid() not in leftovers(installation)
    assert not list(leftovers(installation))
