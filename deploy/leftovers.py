"""Finds and ends programs of this installation that lost their supervisor; up and down call it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.installation import MARK, Installation

SERVERS = ("postgres", "redis-server", "redis-check-rdb")
GRACE_SECONDS = 30


def end_leftovers(installation: Installation) -> int:
    """Asks, waits, then kills; says how many there were."""
    found = list(leftovers(installation))
    for pid in found:
        # SIGINT is PostgreSQL's fast shutdown; with SIGTERM it would wait for every session.
        _signal(pid, signal.SIGINT if _program(pid) == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(map(_is_alive, found)):
        time.sleep(0.1)
    for pid in leftovers(installation):
        _signal(pid, signal.SIGKILL)
    return len(found)


def leftovers(installation: Installation) -> Iterator[int]:
    mark = f"{MARK}={installation.root}".encode()
    data = _server_folders(installation)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if _is_marked(folder, mark) or _is_server_in(folder, data):
                    yield int(folder.name)
            except OSError:
                continue  # it ended, or belongs to somebody else


def _server_folders(installation: Installation) -> set[Path]:
    try:
        postgres, redis = installation.postgres(), installation.redis()
    except KeyError:
        return set()  # not installed here, so none of ours can run
    return {postgres.data, redis.folder}


def _is_marked(process: Path, mark: bytes) -> bool:
    return mark in (process / "environ").read_bytes().split(b"\0")


def _is_server_in(process: Path, folders: set[Path]) -> bool:
    """Servers overwrite their environment with their title, but never leave their folder."""
    if _program(int(process.name)) not in SERVERS:
        return False
    return (process / "cwd").readlink() in folders


def _program(pid: int) -> str:
    try:
        return Path("/proc", str(pid), "exe").readlink().name
    except OSError:
        return ""


def _is_alive(pid: int) -> bool:
    """A zombie has ended: only its parent has not asked yet."""
    try:
        return ") Z " not in Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return False


def _signal(pid: int, which: signal.Signals) -> None:
    try:
        os.kill(pid, which)
    except ProcessLookupError:
        return
