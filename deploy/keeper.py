"""Turns the one log over and revives programs the supervisor gave up; runs beside them."""

from __future__ import annotations

import os
import signal
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path

from deploy.installation import Installation
from deploy.supervision import start_programs, states, supervisor_pid

LOG_BYTES = 20 * 1024 * 1024
OLD_LOGS = 5
PAUSE_SECONDS = 30


def keep(installation: Installation) -> None:
    while True:
        turn_over_if_large(installation)
        revive(installation)
        time.sleep(PAUSE_SECONDS)


def turn_over_if_large(installation: Installation, limit: int = LOG_BYTES) -> bool:
    log = installation.log
    if not log.exists() or log.stat().st_size < limit:
        return False
    for number in range(OLD_LOGS - 1, 0, -1):
        _rename(log.with_suffix(f".log.{number}"), log.with_suffix(f".log.{number + 1}"))
    _rename(log, log.with_suffix(".log.1"))
    pid = supervisor_pid(installation)
    if pid is not None:
        os.kill(pid, signal.SIGUSR2)  # supervisord opens its logs anew
    return True


def revive(installation: Installation) -> None:
    """A database that was away for an hour must not leave the workers down for good."""
    try:
        given_up = abandoned(states(installation))
        start_programs(installation, given_up)
    except (OSError, xmlrpc.client.Error) as error:
        print(f"keeper: {error}", flush=True)
        return
    for name in given_up:
        print(f"keeper: {name} started again", flush=True)


def abandoned(found: Mapping[str, str]) -> list[str]:
    return [name for name, state in found.items() if state == "FATAL"]


def _rename(old: Path, new: Path) -> None:
    if old.exists():
        old.replace(new)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keep(Installation())
