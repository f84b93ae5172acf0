"""Talks to the supervisor of one installation; up, down and the keeper call it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.installation import Installation
from deploy.ownership import make_private
from deploy.programs import (
    Program,
    supervisor_config,
    supervisor_pid_file,
    supervisor_socket,
)

START_SECONDS = 20
STOP_SECONDS = 150


class SupervisorError(RuntimeError):
    """The supervisor did not do what it was asked."""


def is_supervised(installation: Installation) -> bool:
    try:
        with asking(installation) as supervisor:
            supervisor.getState()
    except (OSError, xmlrpc.client.Error):
        return False
    return True


def start_supervisor(
    installation: Installation, programs: list[Program], environment: Mapping[str, str]
) -> None:
    """Leaves it running in a session of its own, so that Ctrl-C never reaches the programs."""
    config = installation.var / "supervisord.conf"
    config.write_text(supervisor_config(installation, programs))
    make_private(supervisor_socket(installation).parent, None)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
    done = subprocess.run(
        command,
        cwd=installation.root,
        env=os.environ | dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SupervisorError(f"supervisord: {done.stdout}{done.stderr}")
    _wait_for(lambda: is_supervised(installation), START_SECONDS, "supervisord no responde")


def start_programs(installation: Installation, names: list[str]) -> None:
    with asking(installation) as supervisor:
        for name in names:
            supervisor.startProcess(name, False)


def states(installation: Installation) -> dict[str, str]:
    """RUNNING, STARTING, BACKOFF, FATAL... by program."""
    with asking(installation) as supervisor:
        found = supervisor.getAllProcessInfo()
    return {process["name"]: process["statename"] for process in found}


def stop_supervisor(installation: Installation) -> bool:
    """Ends every program in order, then the supervisor; says whether there was one."""
    pid = supervisor_pid(installation)
    if not is_supervised(installation):
        return False
    with asking(installation) as supervisor:
        supervisor.shutdown()
    _wait_for(lambda: not _is_alive(pid), STOP_SECONDS, "supervisord no termina")
    return True


def supervisor_pid(installation: Installation) -> int | None:
    try:
        return int(supervisor_pid_file(installation).read_text())
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def asking(installation: Installation) -> Iterator[Any]:
    """supervisord's XML-RPC interface, over its socket."""
    transport = SupervisorTransport("", "", f"unix://{supervisor_socket(installation)}")
    with closing(transport):
        server: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        yield server.supervisor


def _is_alive(pid: int | None) -> bool:
    return pid is not None and Path("/proc", str(pid)).exists()


def _wait_for(holds: Callable[[], bool], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SupervisorError(complaint)
        time.sleep(0.1)
