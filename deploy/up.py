"""Starts everything on this machine and shows it; `make up` calls it after install.sh."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deploy.console import OperatorError, complain, say, step
from deploy.embedded import create_postgres, prepare_database, wait_for_postgres
from deploy.embedded_redis import create_redis, wait_for_redis
from deploy.follow import follow
from deploy.installation import (
    EMBEDDED,
    MARK,
    Installation,
    choose_once,
    embedded_parts,
    environment_of,
    given_environment,
    read_environment,
    write_environment,
)
from deploy.leftovers import end_leftovers
from deploy.processes import ServerDidNotStartError
from deploy.programs import INFRASTRUCTURE, programs_of
from deploy.readiness import (
    check_addresses,
    check_given,
    check_own_servers,
    check_settings,
    ensure_keys,
    wait_until_ready,
    web_address,
)
from deploy.supervision import (
    SupervisorError,
    is_supervised,
    start_programs,
    start_supervisor,
    stop_supervisor,
)

COMMIT = "YA_COMMIT"


def main() -> int:
    parser = argparse.ArgumentParser(description="Arranca Yo Alerto en esta máquina.")
    parser.add_argument("--detach", action="store_true", help="vuelve cuando /listo responde")
    detach = parser.parse_args().detach
    installation = Installation()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    try:
        with one_at_a_time(installation):
            is_new = up(installation, os.environ)
        if is_new:
            say("  Detener: " + ("«make down».\n" if detach else "Ctrl-C, o «make down».\n"))
        if is_new and not detach:
            follow(installation.log, lambda: is_supervised(installation))
    except KeyboardInterrupt:
        stop_everything(installation)
        return 0
    except (OperatorError, ServerDidNotStartError, SupervisorError) as error:
        return complain(str(error))
    return 0


def up(installation: Installation, operator: Mapping[str, str]) -> bool:
    """Everything running and announced; False when it was already so."""
    installation.make_folders()
    choose_once(installation)
    version = {COMMIT: _commit(installation)}
    if is_supervised(installation):
        running = read_environment(installation.running_env_file)
        if not differs(given_environment(installation, operator) | version, running):
            wait_until_ready(installation, running)
            say("Yo Alerto ya está en marcha.")
            announce(installation, running)
            return False
        say("El programa o su configuración cambió: reinicio.")
        stop_supervisor(installation)
    end_leftovers(installation)
    check_given(given_environment(installation, operator))
    environment = environment_of(installation, operator) | version
    check_addresses(environment)
    check_own_servers(environment)
    ensure_keys(installation, environment)
    check_settings(environment)
    try:
        passwords = start(installation, environment)
    except BaseException:
        stop_supervisor(installation)
        end_leftovers(installation)
        raise
    announce(installation, environment, passwords)
    return True


def start(installation: Installation, environment: Mapping[str, str]) -> str:
    """Starts servers, then the application on a migrated database; the demonstration's words."""
    say("Yo Alerto arranca:")
    programs = programs_of(installation, environment)
    with step("Base de datos y Redis"):
        _create_servers(installation, environment)
        start_supervisor(installation, programs, environment)
        _await_servers(installation, environment)
    with step("Migraciones"):
        flask(installation, environment, "db", "upgrade")
    passwords = ""
    if environment.get("YA_DEMO") == "1":
        with step("Demostración"):
            passwords = flask(installation, environment, "demo", "load")
    write_environment(installation.running_env_file, environment)
    try:
        with step("Web, trabajadores y reloj"):
            names = [program.name for program in programs if program.name not in INFRASTRUCTURE]
            start_programs(installation, names)
            wait_until_ready(installation, environment)
    except BaseException:
        say(passwords)  # they are told once, whatever happens to the rest
        raise
    return passwords


def stop_everything(installation: Installation) -> None:
    """Cannot be interrupted: a second Ctrl-C would leave half of it running."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    say()
    with step("Deteniendo Yo Alerto"):
        stop_supervisor(installation)
        end_leftovers(installation)
        installation.running_env_file.unlink(missing_ok=True)


def announce(
    installation: Installation, environment: Mapping[str, str], passwords: str = ""
) -> None:
    address = environment.get("YA_PUBLIC_URL") or web_address(environment)
    say(f"\n  Ciudadanos  {address}/\n  Panel       {address}/panel")
    say(f"  API         {address}/api/docs\n  Registro    {installation.log}")
    if "postgres" in embedded_parts(environment):
        say(f"  Datos       {installation.postgres().folder} (PostgreSQL), {installation.var}")
    if passwords.strip():
        say(f"\n{passwords.rstrip()}")
    say()


def differs(wanted: Mapping[str, str], running: Mapping[str, str]) -> bool:
    """Whether a restart would bring new code or a setting; one merely unset does not count."""
    return any(running.get(name) != value for name, value in wanted.items())


def flask(installation: Installation, environment: Mapping[str, str], *words: str) -> str:
    """Runs one `flask` command to its end; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=installation.root,
        env=os.environ | {k: v for k, v in environment.items() if k not in (MARK, EMBEDDED)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words_of_it = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise OperatorError(f"«flask {' '.join(words)}» falló:\n{words_of_it}")
    return done.stdout


@contextmanager
def one_at_a_time(installation: Installation) -> Iterator[None]:
    """Two `make up` at once: the second waits, then finds everything running."""
    installation.run.mkdir(parents=True, exist_ok=True)
    with (installation.run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Otro «make» está trabajando; espero a que termine.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create_servers(installation: Installation, environment: Mapping[str, str]) -> None:
    servers = embedded_parts(environment)
    if "postgres" in servers:
        create_postgres(installation.var / "pg")
    if "redis" in servers:
        create_redis(installation.var / "redis")


def _await_servers(installation: Installation, environment: Mapping[str, str]) -> None:
    servers = embedded_parts(environment)
    if "postgres" in servers:
        wait_for_postgres(installation.postgres())
        prepare_database(installation.postgres())
    if "redis" in servers:
        wait_for_redis(installation.redis())


def _commit(installation: Installation) -> str:
    """What is checked out; empty where there is no git."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=installation.root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
