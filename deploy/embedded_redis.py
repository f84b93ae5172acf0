"""Makes, starts and stops a private Redis; make up and the tests call it."""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import redis

from deploy.ownership import make_private, server_folder, server_user, socket_folder
from deploy.processes import (
    CLEAN_ENVIRONMENT,
    START_SECONDS,
    ServerDidNotStartError,
    spawn,
    stop_process,
    wait_until,
)


@dataclass(frozen=True)
class RedisHandle:
    folder: Path
    socket: Path
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Path:
        return self.folder / "redis.conf"

    @property
    def log(self) -> Path:
        return self.folder / "redis.log"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket), safe='/')}?db=0"

    def command(self) -> list[str]:
        return [_found("redis-server"), str(self.settings)]

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        stop_process(self.process, signal.SIGTERM)


def start_redis(folder: Path) -> RedisHandle:
    """A running Redis on a socket; it ends with the calling process."""
    server = create_redis(folder)
    process = spawn(server.command(), server.user, server.log, CLEAN_ENVIRONMENT)
    started = replace(server, process=process)
    wait_for_redis(started)
    return started


def redis_handle(wanted: Path) -> RedisHandle:
    """Where a Redis for that folder lives; makes and starts nothing."""
    user = server_user("redis")
    folder = server_folder(wanted, user)
    return RedisHandle(folder, socket_folder(folder, "redis.sock") / "redis.sock", user)


def create_redis(wanted: Path) -> RedisHandle:
    """Writes the settings of an append-only Redis; starts nothing."""
    server = redis_handle(wanted)
    make_private(server.folder, server.user)
    make_private(server.socket.parent, server.user)
    lines = [
        "port 0",
        f'unixsocket "{server.socket}"',
        "unixsocketperm 700",
        f'dir "{server.folder}"',
        f'pidfile "{server.folder / "redis.pid"}"',
        "daemonize no",
        'save ""',
        "appendonly yes",
        "appendfsync everysec",
        "maxmemory-policy noeviction",
    ]
    server.settings.write_text("\n".join(lines) + "\n")
    server.settings.chmod(0o644)
    return server


def wait_for_redis(server: RedisHandle, seconds: float = START_SECONDS) -> None:
    client = redis.Redis.from_url(server.url)

    def answers() -> None:
        client.ping()

    wait_until("Redis", answers, redis.RedisError, server.is_dead, server.log, seconds)


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise ServerDidNotStartError(f"{program} is not installed; make up installs it")
    return path
