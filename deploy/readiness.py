"""Checks before anything starts, and whether the web answers afterwards; up calls it."""

from __future__ import annotations

import errno
import ipaddress
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import psycopg
import redis

from backend.crypto import KeyRing, editing
from backend.errors import ConfigurationError
from backend.settings import load_settings
from deploy.console import OperatorError
from deploy.embedded import plain_url
from deploy.installation import Installation, embedded_parts
from deploy.processes import tail
from deploy.supervision import states

READY_SECONDS = 60
REQUEST_SECONDS = 5
DEFAULT_BIND = "127.0.0.1"
DEFAULT_PORT = "8000"


def web_address(environment: Mapping[str, str]) -> str:
    """Where this machine reaches the web, whatever it is bound to."""
    bind = environment.get("YA_BIND", DEFAULT_BIND)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - only compared
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{environment.get('YA_PORT', DEFAULT_PORT)}"


def check_addresses(environment: Mapping[str, str]) -> None:
    _check_address(environment, "YA_BIND", DEFAULT_BIND, "YA_PORT", DEFAULT_PORT)
    _check_address(environment, "YA_METRICS_BIND", DEFAULT_BIND, "YA_METRICS_PORT", "9100")


def check_given(given: Mapping[str, str]) -> None:
    """What would silently migrate another database than the one that is used."""
    for name in ("YA_DATABASE_OWNER_URL", "YA_VAULT_URL"):
        if name in given and "YA_DATABASE_URL" not in given:
            raise OperatorError(f"{name} no sirve sin YA_DATABASE_URL.")
    if "YA_DATABASE_URL" in given and "YA_VAULT_URL" not in given:
        raise OperatorError(
            "Falta YA_VAULT_URL: con una base propia, el rol que abre la bóveda de identidades "
            "es también tuyo. docs/operacion.md dice cómo crearlo."
        )


def check_settings(environment: Mapping[str, str]) -> None:
    """Names everything that is wrong at once, before anything starts."""
    try:
        load_settings(environment)
    except ConfigurationError as error:
        problems = "\n".join(f"  - {problem}" for problem in error.problems)
        raise OperatorError(f"Yo Alerto no arranca con esta configuración:\n{problems}") from error


def check_own_servers(environment: Mapping[str, str]) -> None:
    """The operator's database and Redis, where they replace ours, must be there already."""
    servers = embedded_parts(environment)
    if "postgres" not in servers:
        _check_own_database(environment)
    if "redis" not in servers:
        try:
            with redis.Redis.from_url(environment["YA_REDIS_URL"], socket_timeout=5) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            raise OperatorError(f"YA_REDIS_URL no responde: {error}") from error


def ensure_keys(installation: Installation, environment: Mapping[str, str]) -> bool:
    """Makes the key ring of a new installation; never beside data that need a lost one.

    A ring of an earlier version gets the keys that it lacks.
    """
    ring_file = Path(environment["YA_KEYS_FILE"])
    if ring_file.exists():
        return _complete_keys(ring_file)
    if ring_file != installation.keyring:
        return False  # the settings' own check says it better
    if _has_data(installation, environment):
        raise OperatorError(
            f"Falta {installation.keyring}, y la base de datos ya tiene datos que solo esas "
            "llaves abren.\nCopia ahí tu respaldo de las llaves (permiso 0600) y repite. "
            "docs/operacion.md dice qué se pierde si no lo tienes."
        )
    KeyRing.generate().save(installation.keyring)
    return True


def _complete_keys(ring_file: Path) -> bool:
    """Whether keys were added; what cannot be read or written, the settings' check names."""
    try:
        with editing(ring_file):
            ring = KeyRing.load(ring_file, may_lack_purposes=True)
            whole = ring.completed()
            if whole is not ring:
                whole.save(ring_file)
    except (OSError, ValueError):
        return False
    return whole is not ring


def wait_until_ready(installation: Installation, environment: Mapping[str, str]) -> None:
    """Until /listo answers 200; otherwise says what the log said."""
    start = installation.log.stat().st_size if installation.log.exists() else 0
    deadline = time.monotonic() + READY_SECONDS
    address = web_address(environment) + "/listo"
    answer = "nada"
    while time.monotonic() < deadline and "FATAL" not in states(installation).values():
        answer = answer_of(address)
        if answer == "200":
            return
        time.sleep(0.2)
    raise OperatorError(
        f"{address} respondió {answer}. Lo último del registro {installation.log}:\n"
        + tail(installation.log, 25, start)
    )


def answer_of(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=REQUEST_SECONDS) as answer:  # noqa: S310 - our own address
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return str(error)


def _check_own_database(environment: Mapping[str, str]) -> None:
    for name in ("YA_DATABASE_URL", "YA_DATABASE_OWNER_URL", "YA_VAULT_URL"):
        url = plain_url(environment.get(name) or environment["YA_DATABASE_URL"])
        try:
            with psycopg.connect(url, connect_timeout=10) as database:
                found = database.execute("SELECT FROM pg_extension WHERE extname = 'postgis'")
                has_postgis = found.fetchone() is not None
        except psycopg.Error as error:
            raise OperatorError(f"{name} no responde: {error}") from error
        if not has_postgis:
            raise OperatorError(
                "A tu base de datos le falta PostGIS. Como superusuario, una vez:\n"
                "  CREATE EXTENSION postgis;"
            )
    _check_owner(environment)


def _check_owner(environment: Mapping[str, str]) -> None:
    """The vault is a schema of its own, which the first migration after 2026_11_21_04 makes."""
    owner = environment.get("YA_DATABASE_OWNER_URL") or environment["YA_DATABASE_URL"]
    with psycopg.connect(plain_url(owner), connect_timeout=10) as database:
        found = database.execute(
            "SELECT to_regnamespace('vault') IS NOT NULL "
            "OR has_database_privilege(current_database(), 'CREATE')"
        ).fetchone()
    if found is None or not found[0]:
        raise OperatorError(
            "El dueño del esquema no puede crear la bóveda. Como superusuario, una vez:\n"
            "  GRANT CREATE ON DATABASE … TO …;   -- la base y el rol de YA_DATABASE_OWNER_URL"
        )


def _check_address(
    environment: Mapping[str, str], bind_name: str, bind: str, port_name: str, port: str
) -> None:
    bind, port = environment.get(bind_name, bind), environment.get(port_name, port)
    if not _is_address(bind) or not port.isdigit():
        return  # the settings' own check says it better
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, int(port)))
        except (OSError, OverflowError) as error:
            raise OperatorError(_reason(error, bind_name, bind, port_name, port)) from error


def _reason(error: Exception, bind_name: str, bind: str, port_name: str, port: str) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return (
            f"Otro programa ya usa el puerto {port} de {bind}. Elige otro, por ejemplo:\n"
            f"  {port_name}={int(port) + 1} make up"
        )
    if code == errno.EACCES:
        return f"Sin permiso para el puerto {port}: elige uno mayor que 1023 con {port_name}."
    return f"No se puede usar {bind}:{port} ({error}); revisa {bind_name} y {port_name}."


def _is_address(bind: str) -> bool:
    try:
        ipaddress.ip_address(bind)
    except ValueError:
        return False
    return True


def _has_data(installation: Installation, environment: Mapping[str, str]) -> bool:
    if "postgres" in embedded_parts(environment):
        return (installation.postgres().data / "PG_VERSION").exists()
    with psycopg.connect(plain_url(environment["YA_DATABASE_URL"]), connect_timeout=10) as database:
        found = database.execute("SELECT to_regclass('alembic_version')").fetchone()
        return found is not None and found[0] is not None
