"""Starts, awaits and ends one child process; embedded.py runs its servers through it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.ownership import as_user

CLEAN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
START_SECONDS = 60
STOP_SECONDS = 60
POLL_SECONDS = 0.05


class ServerDidNotStartError(RuntimeError):
    """A server did not start; the message ends with the last words of its log."""


def spawn(
    command: list[str], user: str | None, log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A child that gets SIGINT when the thread that called this ends."""
    with log.open("ab") as output:
        return subprocess.Popen(
            as_user(user, command, die_with_parent=True),
            cwd="/",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop_process(process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(
    name: str,
    answers: Callable[[], None],
    refusal: type[Exception],
    is_dead: Callable[[], bool],
    log: Path,
    seconds: float,
) -> None:
    """Asks until there is an answer; gives up when the server died or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return answers()
        except refusal as error:
            if is_dead() or time.monotonic() > deadline:
                raise ServerDidNotStartError(
                    f"{name} did not start: {error}\n{tail(log)}"
                ) from error
        time.sleep(POLL_SECONDS)


def tail(log: Path, lines: int = 15, start: int = 0) -> str:
    """The last lines of a log, none of them before byte `start`."""
    if not log.exists():
        return ""
    text = log.read_bytes()[start:].decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
