"""Makes, starts and stops a private PostgreSQL; make up and the tests call it."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from deploy.ownership import as_user, make_private, server_folder, server_user, socket_folder
from deploy.processes import (
    CLEAN_ENVIRONMENT,
    START_SECONDS,
    ServerDidNotStartError,
    spawn,
    stop_process,
    wait_until,
)

DATABASE = "yo_alerto"
OWNER = "ya_owner"
APP = "ya_app"
VAULT = "ya_vault"
SUPERUSER = "postgres"
PORT = 5433  # only names the socket file; nothing listens on the network
PREFERRED_VERSION = 15

_SETTINGS = {
    "listen_addresses": "''",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "'UTC'",
    "shared_buffers": "'256MB'",
    "max_connections": "200",
    "log_timezone": "'UTC'",
    "logging_collector": "off",
    # A failing statement or a duplicate key's value may hold what a citizen wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PostgresHandle:
    folder: Path
    socket_folder: Path
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        return self.url(APP)

    @property
    def vault_url(self) -> str:
        return self.url(VAULT)

    def url(self, role: str, database: str = DATABASE) -> str:
        """For SQLAlchemy; drop the `+psycopg` for psycopg and the PostgreSQL programs."""
        host = quote(str(self.socket_folder), safe="/")
        return f"postgresql+psycopg://{role}@/{database}?host={host}&port={PORT}"

    def command(self) -> list[str]:
        return [str(postgres_programs(self.data) / "postgres"), "-D", str(self.data)]

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """A fast shutdown: sessions end, everything committed stays."""
        stop_process(self.process, signal.SIGINT)


def start_postgres(folder: Path, durable: bool = False) -> PostgresHandle:
    """A running cluster with its roles and the database; it ends with the calling process."""
    cluster = create_postgres(folder, durable)
    process = spawn(cluster.command(), cluster.user, cluster.log, CLEAN_ENVIRONMENT)
    started = replace(cluster, process=process)
    wait_for_postgres(started)
    prepare_database(started)
    return started


def postgres_handle(wanted: Path) -> PostgresHandle:
    """Where a cluster for that folder lives; makes and starts nothing."""
    user = server_user(SUPERUSER)
    folder = server_folder(wanted, user)
    return PostgresHandle(folder, socket_folder(folder, f".s.PGSQL.{PORT}"), user)


def create_postgres(wanted: Path, durable: bool = True) -> PostgresHandle:
    """Makes the cluster where it is missing and writes its settings; starts nothing."""
    cluster = postgres_handle(wanted)
    make_private(cluster.folder, cluster.user)
    make_private(cluster.socket_folder, cluster.user)
    if not (cluster.data / "PG_VERSION").exists():
        _initdb(cluster, durable)
    _write_postgres_settings(cluster, durable)
    return cluster


def wait_for_postgres(cluster: PostgresHandle, seconds: float = START_SECONDS) -> None:
    url = plain_url(cluster.url(SUPERUSER, "postgres"))

    def answers() -> None:
        psycopg.connect(url, connect_timeout=5).close()

    wait_until(
        "PostgreSQL", answers, psycopg.OperationalError, cluster.is_dead, cluster.log, seconds
    )


def prepare_database(cluster: PostgresHandle) -> None:
    """Roles, database and PostGIS; only a superuser may create that extension."""
    with psycopg.connect(
        plain_url(cluster.url(SUPERUSER, "postgres")), autocommit=True
    ) as connection:
        for role in (OWNER, APP, VAULT):
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER").format(sql.Identifier(role))
                )
        is_new = not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE)
    if is_new:
        create_database(cluster, DATABASE)
    add_extensions(cluster, DATABASE)  # a first start may have died between the two


def create_database(cluster: PostgresHandle, name: str) -> None:
    """An empty database of the schema's owner, with PostGIS."""
    with psycopg.connect(
        plain_url(cluster.url(SUPERUSER, "postgres")), autocommit=True
    ) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    add_extensions(cluster, name)


def add_extensions(cluster: PostgresHandle, database: str) -> None:
    with psycopg.connect(
        plain_url(cluster.url(SUPERUSER, database)), autocommit=True
    ) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")


def plain_url(url: str) -> str:
    """The same address as psycopg and the PostgreSQL programs spell it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def postgres_programs(data: Path | None = None) -> Path:
    """The folder of the server's programs: of the version that made the data, else the newest."""
    made_by = data / "PG_VERSION" if data is not None else None
    if made_by is not None and made_by.exists():
        wanted = Path(f"/usr/lib/postgresql/{made_by.read_text().strip()}/bin")
        if wanted.is_dir():
            return wanted
        raise ServerDidNotStartError(f"The data in {data} need PostgreSQL's programs in {wanted}")
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    preferred = [path for path in installed if path.parts[4] == str(PREFERRED_VERSION)]
    if not installed:
        raise ServerDidNotStartError("PostgreSQL is not installed; make up installs it")
    return (preferred or installed)[-1].parent


def _initdb(cluster: PostgresHandle, durable: bool) -> None:
    command = [
        str(postgres_programs() / "initdb"),
        f"--pgdata={cluster.data}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        # Only who may enter the 0700 folder of the socket gets as far as this rule.
        "--auth-local=trust",
        "--auth-host=reject",
        *([] if durable else ["--no-sync"]),
    ]
    done = subprocess.run(
        as_user(cluster.user, command),
        cwd=cluster.folder,
        env=CLEAN_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServerDidNotStartError(f"initdb failed in {cluster.folder}:\n{done.stderr}")


def _write_postgres_settings(cluster: PostgresHandle, durable: bool) -> None:
    settings = _SETTINGS | (_DURABLE if durable else _THROWAWAY)
    settings["unix_socket_directories"] = "'" + str(cluster.socket_folder).replace("'", "''") + "'"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    own = cluster.data / "yo-alerto.conf"
    own.write_text("\n".join(lines) + "\n")
    own.chmod(0o644)
    main = cluster.data / "postgresql.conf"
    include = "include 'yo-alerto.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None
