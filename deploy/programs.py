"""The table of programs that make one installation, and how the supervisor is told of them."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.installation import MARK, Installation, embedded_parts
from deploy.ownership import socket_folder
from deploy.processes import CLEAN_ENVIRONMENT

# Two processes, so that one long picture never makes an urgent report wait; a third for rosters,
# of which one takes half a minute.
WORKER_QUEUES = (("urgente", "normal"), ("urgente", "normal", "media"), ("padron",))

INFRASTRUCTURE = ("keeper", "postgres", "redis")


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    folder: Path
    priority: int  # lower starts earlier and stops later
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    user: str | None = None
    starts_by_itself: bool = False


def programs_of(installation: Installation, environment: Mapping[str, str]) -> list[Program]:
    servers = embedded_parts(environment)
    found = [_keeper(installation)]
    if "postgres" in servers:
        found.append(_postgres(installation))
    if "redis" in servers:
        found.append(_redis(installation))
    return [*found, *_application(installation)]


def supervisor_socket(installation: Installation) -> Path:
    name = "supervisor.sock"
    # supervisord first binds a name that is longer by its process id.
    return socket_folder(installation.run, name + ".1234567") / name


def supervisor_pid_file(installation: Installation) -> Path:
    return installation.run / "supervisord.pid"


def supervisor_config(installation: Installation, programs: list[Program]) -> str:
    socket = supervisor_socket(installation)
    head = f"""\
; Written by make up; changes are lost at the next start.
[unix_http_server]
file={_escaped(socket)}
chmod=0700

[supervisord]
logfile={_escaped(installation.log)}
logfile_maxbytes=0
loglevel=info
pidfile={_escaped(supervisor_pid_file(installation))}
directory={_escaped(installation.root)}
childlogdir={_escaped(installation.log.parent)}
nocleanup=true
umask=077
{_root_knowingly()}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{_escaped(socket)}
"""
    return head + "".join(_section(program, installation.log) for program in programs)


def _section(program: Program, log: Path) -> str:
    user = f"user={program.user}\n" if program.user else ""
    return f"""
[program:{program.name}]
command={_escaped(shlex.join(program.command))}
directory={_escaped(program.folder)}
priority={program.priority}
autostart={str(program.starts_by_itself).lower()}
autorestart=true
startsecs=2
; Whoever waits for a database that is away must not be given up.
startretries=1000000
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
; The programs end their own children in order; only a killing has to reach all of them.
stopasgroup=false
killasgroup=true
redirect_stderr=true
; Every program appends to one file; keeper.py turns it over.
stdout_logfile={_escaped(log)}
stdout_logfile_maxbytes=0
{user}"""


def _keeper(installation: Installation) -> Program:
    command = [sys.executable, "-m", "deploy.keeper"]
    return Program("keeper", command, installation.root, 1, starts_by_itself=True)


def _postgres(installation: Installation) -> Program:
    cluster = installation.postgres()
    command = _without_secrets(installation, cluster.command())
    return Program(
        "postgres", command, cluster.folder, 10, "INT", 60, cluster.user, starts_by_itself=True
    )


def _redis(installation: Installation) -> Program:
    server = installation.redis()
    command = _without_secrets(installation, server.command())
    return Program(
        "redis", command, server.folder, 20, "TERM", 30, server.user, starts_by_itself=True
    )


def _application(installation: Installation) -> list[Program]:
    python, root = sys.executable, installation.root
    gunicorn = [python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:create_app()"]
    workers = [
        Program(f"worker-{number}", [python, "-m", "workers.main", *queues], root, 200)
        for number, queues in enumerate(WORKER_QUEUES, start=1)
    ]
    scheduler = [python, "-m", "workers.main", "--scheduler"]
    return [
        Program("web", gunicorn, root, 100),
        *workers,
        Program("scheduler", scheduler, root, 300),
    ]


def _root_knowingly() -> str:
    """supervisord complains unless it is told that root is meant."""
    return "user=root\n" if os.geteuid() == 0 else ""


def _without_secrets(installation: Installation, command: list[str]) -> list[str]:
    """The servers need nothing of what the application's environment holds."""
    environment = CLEAN_ENVIRONMENT | {MARK: str(installation.root)}
    return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *command]


def _escaped(value: Path | str) -> str:
    """supervisord expands %(name)s in its settings."""
    return str(value).replace("%", "%%")
