"""Runs pg_dump and pg_restore against one database; backup and restore call it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from deploy.console import OperatorError
from deploy.embedded import postgres_programs, start_postgres
from deploy.installation import Installation, embedded_parts
from deploy.supervision import is_supervised


@contextmanager
def administered_database(
    installation: Installation, environment: Mapping[str, str]
) -> Iterator[str]:
    """The address with every right; a private cluster that is down runs for the meantime."""
    if "postgres" not in embedded_parts(environment):
        yield environment.get("YA_DATABASE_OWNER_URL") or environment["YA_DATABASE_URL"]
    elif is_supervised(installation):
        yield installation.postgres().superuser_url
    else:
        cluster = start_postgres(installation.var / "pg", durable=True)
        try:
            yield cluster.superuser_url
        finally:
            cluster.stop()


def run_program(name: str, url: str, *words: str) -> None:
    """The password travels in the environment, where `ps` does not show it."""
    address = make_url(url)
    bare = address.set(drivername="postgresql", password=None)
    password = {} if address.password is None else {"PGPASSWORD": str(address.password)}
    _run([_program(name), "--dbname", bare.render_as_string(), *words], os.environ | password)


def list_of(dump: Path) -> str:
    """One line for each thing in the dump, as `pg_restore --use-list` takes them."""
    return _run([_program("pg_restore"), "--list", str(dump)], os.environ)


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise OperatorError(f"{Path(command[0]).name} falló:\n{done.stderr[-2000:]}")
    return done.stdout


def _program(name: str) -> str:
    """The server's own programs where there are some: an older pg_dump refuses a newer server."""
    beside_server = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if any(path.parts[4] == "15" for path in beside_server):
        return str(postgres_programs() / name)
    found = str(beside_server[-1]) if beside_server else shutil.which(name)
    if found is None:
        raise OperatorError(f"Falta {name}: instala postgresql-client.")
    return found
