"""Knows where one checkout keeps its state and which environment its programs get."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from deploy.embedded import PostgresHandle, postgres_handle
from deploy.embedded_redis import RedisHandle, redis_handle

CHECKOUT = Path(__file__).resolve().parent.parent
MARK = "YA_INSTALLATION"  # tells the programs of this checkout from any other
EMBEDDED = "YA_EMBEDDED"
METRICS_PORT = 9100
METRICS_PORTS_TRIED = 50

_HEADER = """\
# Escrito por «make up». Una variable de entorno con el mismo nombre manda sobre esta línea.
# Lo que escribas aquí (YA_PORT, YA_PUBLIC_URL, YA_DATABASE_URL...) vale para siempre;
# todas las variables están en docs/operacion.md.
"""


@dataclass(frozen=True)
class Installation:
    root: Path = CHECKOUT

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def env_file(self) -> Path:
        return self.var / "env"

    @property
    def keyring(self) -> Path:
        return self.var / "keys" / "keyring.json"

    @property
    def media(self) -> Path:
        return self.var / "media"

    @property
    def log(self) -> Path:
        return self.var / "log" / "yo-alerto.log"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def running_env_file(self) -> Path:
        """What the running programs were given; the operator's commands use the same."""
        return self.run / "env"

    def make_folders(self) -> None:
        for folder in (self.keyring.parent, self.media, self.log.parent, self.run):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def postgres(self) -> PostgresHandle:
        return postgres_handle(self.var / "pg")

    def redis(self) -> RedisHandle:
        return redis_handle(self.var / "redis")


def choose_once(installation: Installation) -> None:
    """Writes var/env at the first start; afterwards the file is the operator's."""
    if installation.env_file.exists():
        return
    chosen = {"YA_DEMO": "1", "YA_METRICS_PORT": str(_free_port(METRICS_PORT))}
    write_environment(installation.env_file, chosen, _HEADER)


def environment_of(installation: Installation, operator: Mapping[str, str]) -> dict[str, str]:
    """The operator's variables over var/env, and the embedded parts where neither names one."""
    given = given_environment(installation, operator)
    return _missing_parts(installation, given) | given | {MARK: str(installation.root)}


def given_environment(installation: Installation, operator: Mapping[str, str]) -> dict[str, str]:
    return read_environment(installation.env_file) | _ours(operator)


def running_environment(installation: Installation, operator: Mapping[str, str]) -> dict[str, str]:
    """For a command beside the running programs: what those were given comes first."""
    running = read_environment(installation.running_env_file)
    environment = running | _ours(operator) if running else environment_of(installation, operator)
    return {name: value for name, value in environment.items() if name != MARK}


def read_environment(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text().splitlines())
    return {
        name.strip(): _unquoted(value.strip())
        for name, equals, value in pairs
        if equals and not name.lstrip().startswith("#")
    }


def write_environment(file: Path, values: Mapping[str, str], header: str = "") -> None:
    """For the owner's eyes only, and whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    lines = [f"{name}={value}\n" for name, value in sorted(values.items())]
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(header + "".join(lines))
    part.replace(file)


def embedded_parts(environment: Mapping[str, str]) -> list[str]:
    """Which servers are ours to run: "postgres", "redis", both or none."""
    return environment.get(EMBEDDED, "").split()


def media_folder(environment: Mapping[str, str]) -> Path | None:
    """The folder of the pictures, or None when they are in somebody's bucket."""
    parts = urlsplit(environment["YA_MEDIA_URL"])
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _missing_parts(installation: Installation, given: Mapping[str, str]) -> dict[str, str]:
    parts = {
        "YA_KEYS_FILE": str(installation.keyring),
        "YA_MEDIA_URL": f"file://{quote(str(installation.media))}",
        "FLASK_APP": "wsgi:create_app",
    }
    embedded = []
    if not given.get("YA_DATABASE_URL"):
        cluster = installation.postgres()
        parts["YA_DATABASE_URL"] = cluster.app_url
        parts["YA_DATABASE_OWNER_URL"] = cluster.owner_url
        parts["YA_VAULT_URL"] = cluster.vault_url
        embedded.append("postgres")
    if not given.get("YA_REDIS_URL"):
        parts["YA_REDIS_URL"] = installation.redis().url
        embedded.append("redis")
    return parts | {EMBEDDED: " ".join(embedded)}


def _ours(environment: Mapping[str, str]) -> dict[str, str]:
    """An empty value means the same as none, so that `YA_DATABASE_URL= make up` is embedded."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("YA_") and name not in (MARK, EMBEDDED) and value
    }


def _free_port(first: int) -> int:
    """The first free loopback port, for the metrics, whose address nobody types by hand."""
    for port in range(first, first + METRICS_PORTS_TRIED):
        if port_is_free("127.0.0.1", port):
            return port
    return first


def port_is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
