"""A private installation for a measurement: durable servers, migrated, demonstration loaded."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.crypto import KeyRing
from deploy.embedded import start_postgres
from deploy.embedded_redis import start_redis
from deploy.ownership import folders_of, remove_folder

PROJECT = Path(__file__).parent.parent
WEB_PORT = 8971
FLOOR_PORT = 8972
METRICS_PORT = 8973


@contextmanager
def installation(**more: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation whose PostgreSQL and Redis run durably."""
    folder = Path(tempfile.mkdtemp(prefix="ya-bench-", dir=PROJECT / "var"))
    postgres = start_postgres(folder / "pg", durable=True)
    redis = start_redis(folder / "redis")
    try:
        KeyRing.generate().save(folder / "keyring.json")
        (folder / "media").mkdir()
        environ = {
            **os.environ,
            "YA_DEMO": "1",
            "YA_DATABASE_URL": postgres.app_url,
            "YA_DATABASE_OWNER_URL": postgres.owner_url,
            "YA_VAULT_URL": postgres.vault_url,
            "YA_REDIS_URL": redis.url,
            "YA_MEDIA_URL": (folder / "media").as_uri(),
            "YA_KEYS_FILE": str(folder / "keyring.json"),
            "YA_PORT": str(WEB_PORT),
            "YA_METRICS_PORT": str(METRICS_PORT),
            "YA_BENCH_FOLDER": str(folder),
            "YA_BENCH_POSTGRES": str(postgres.folder),
            **more,
        }
        flask(environ, "db", "upgrade")
        flask(environ, "demo", "load")
        yield environ
    finally:
        redis.stop()
        postgres.stop()
        for path in (*folders_of(folder / "pg"), *folders_of(folder / "redis")):
            remove_folder(path)
        shutil.rmtree(folder, ignore_errors=True)


def flask(environ: dict[str, str], *words: str) -> str:
    """Run a command of the application; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        env=environ,
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@contextmanager
def running(
    environ: dict[str, str], *words: str, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the project for as long as the block lasts."""
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=environ,
            cwd=PROJECT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)


@contextmanager
def web(environ: dict[str, str]) -> Iterator[str]:
    """Our web as `make up` serves it; its address."""
    address = f"http://127.0.0.1:{WEB_PORT}"
    with running(environ, "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:create_app()"):
        wait_for(f"{address}/listo")
        yield address


@contextmanager
def floor(environ: dict[str, str]) -> Iterator[str]:
    """The floor's views under the same gunicorn."""
    address = f"http://127.0.0.1:{FLOOR_PORT}"
    environ = {**environ, "YA_PORT": str(FLOOR_PORT)}
    with running(environ, "gunicorn", "-c", "deploy/gunicorn.conf.py", "bench.floor:app"):
        wait_for(f"{address}/listo")
        yield address


def wait_for(url: str, seconds: float = 30) -> None:
    """Until the address answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")
