"""Servers for one test run that leave nothing behind; tests and migration checks call it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded import PostgresHandle, start_postgres
from deploy.embedded_redis import RedisHandle, start_redis
from deploy.ownership import folders_of, remove_folder


@contextmanager
def throwaway_servers(parent: Path) -> Iterator[tuple[PostgresHandle, RedisHandle]]:
    """A PostgreSQL and a Redis in parent/<process id>, so that two runs never meet."""
    _remove_dead_runs(parent)
    folder = parent / str(os.getpid())
    postgres = start_postgres(folder / "pg")
    try:
        redis = start_redis(folder / "redis")
        try:
            yield postgres, redis
        finally:
            redis.stop()
    finally:
        postgres.stop()
        _remove(folder)


def _remove_dead_runs(parent: Path) -> None:
    if not parent.exists():
        return
    for folder in parent.iterdir():
        if folder.name.isdigit() and not Path("/proc", folder.name).exists():
            _remove(folder)


def _remove(folder: Path) -> None:
    for path in (*folders_of(folder / "pg"), *folders_of(folder / "redis"), folder):
        remove_folder(path)
