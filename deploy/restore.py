"""Puts a backup in the place of what is there; `make restore` calls it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from backend.crypto import KeyRing
from deploy.backup import revision_of
from deploy.console import OperatorError, complain, say, step
from deploy.database_programs import administered_database, list_of, run_program
from deploy.embedded import OWNER, plain_url
from deploy.installation import (
    Installation,
    choose_once,
    embedded_parts,
    environment_of,
    media_folder,
)
from deploy.manifest import DATABASE, MEDIA, PART, Manifest
from deploy.processes import ServerDidNotStartError
from deploy.supervision import is_supervised

# What only a superuser may make; the operator's own database has it already.
EXTENSION_ENTRIES = (" EXTENSION ", " TABLE DATA public spatial_ref_sys ")


def main() -> int:
    parser = argparse.ArgumentParser(description="Recupera un respaldo.")
    parser.add_argument("source", help="carpeta que hizo make backup")
    parser.add_argument("--keys", type=Path, help="archivo de llaves de ese respaldo")
    parser.add_argument("--yes", action="store_true", help="reemplaza los datos que haya")
    words = parser.parse_args()
    installation = Installation()
    try:
        if not words.source:
            raise OperatorError("Di qué respaldo: make restore FROM=carpeta [KEYS=archivo]")
        installation.make_folders()
        choose_once(installation)
        environment = environment_of(installation, os.environ)
        recover(installation, environment, Path(words.source).absolute(), words.keys, words.yes)
    except (OperatorError, ServerDidNotStartError) as error:
        return complain(str(error))
    return 0


def recover(
    installation: Installation,
    environment: Mapping[str, str],
    source: Path,
    keys: Path | None,
    replaces: bool,
) -> None:
    """Checks everything first; then database, media and keys are those of the backup."""
    if is_supervised(installation):
        raise OperatorError("Yo Alerto está en marcha: primero «make down».")
    manifest = Manifest.read(source)
    with step("Revisando el respaldo"):
        manifest.check_files(source)
        ring = _load_keys(keys or Path(environment["YA_KEYS_FILE"]))
        manifest.check_keys(ring)
    with administered_database(installation, environment) as url:
        if revision_of(url) and not replaces:
            raise OperatorError(
                "La base de datos ya tiene datos, y el respaldo los reemplazaría todos.\n"
                "Si es lo que quieres, repite con YES=1."
            )
        with step("Base de datos"):
            if "postgres" in embedded_parts(environment):
                _replace_database(url, source / DATABASE)
            else:
                refill_database(url, source / DATABASE)
    _restore_media(environment, source / MEDIA, manifest.media_count)
    ring.save(Path(environment["YA_KEYS_FILE"]))
    _forget_bells(installation, environment)
    say("\n  Recuperado. «make up» lo arranca y migra si el programa es más nuevo.\n")


def _load_keys(file: Path) -> KeyRing:
    try:
        return KeyRing.load(file, may_lack_purposes=True)  # the next start completes it
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"No se pueden leer las llaves ({error}): indica dónde están, KEYS=archivo."
        ) from error


def _replace_database(url: str, dump: Path) -> None:
    """Filled beside the old one, which goes only when the new one is whole."""
    name = str(make_url(url).database)
    new = f"{name}_restoring"
    with psycopg.connect(_database(url, "postgres"), autocommit=True) as connection:
        _run(connection, "DROP DATABASE IF EXISTS {}", new)
        _run(connection, "CREATE DATABASE {} OWNER {}", new, OWNER)
        filled = make_url(url).set(database=new).render_as_string(hide_password=False)
        run_program("pg_restore", filled, "--exit-on-error", str(dump))
        _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        _run(connection, "ALTER DATABASE {} RENAME TO {}", new, name)
    with psycopg.connect(_database(url, name), autocommit=True) as connection:
        connection.execute("ANALYZE")


def refill_database(url: str, dump: Path) -> None:
    """In one transaction, because the operator's database cannot be swapped."""
    wanted = dump.with_name("contenido.lista")
    kept = [
        line
        for line in list_of(dump).splitlines()
        if not any(mark in line for mark in EXTENSION_ENTRIES)
    ]
    wanted.write_text("\n".join(kept) + "\n")
    try:
        run_program(
            "pg_restore",
            url,
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--use-list={wanted}",
            str(dump),
        )
    finally:
        wanted.unlink()


def _restore_media(environment: Mapping[str, str], archive: Path, count: int | None) -> None:
    media = media_folder(environment)
    if media is None or count is None:
        say("  Medios: están en el almacén S3, que se recupera allí.")
        return
    with step("Medios"):
        # Inside the folder, which may be a disk of its own.
        part = media / PART
        _remove(part)
        part.mkdir(mode=0o700, parents=True)
        with tarfile.open(archive) as packed:
            for entry in packed:
                _unpack(packed, entry, part)
        for old in media.iterdir():
            if old.name != PART:
                _remove(old)
        for new in part.iterdir():
            new.replace(media / new.name)
        part.rmdir()


def _unpack(packed: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Files below the folder only; Debian 12's tarfile has no filter that sees to it."""
    target = (folder / entry.name).resolve()
    content = packed.extractfile(entry) if entry.isfile() else None
    if content is None or not target.is_relative_to(folder.resolve()):
        raise OperatorError(f"El respaldo trae algo que no es un medio: {entry.name}")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(0o600)
    os.utime(target, (entry.mtime, entry.mtime))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _forget_bells(installation: Installation, environment: Mapping[str, str]) -> None:
    """Rings name rows that are gone now; the sweep rings again for those that are due."""
    if "redis" in embedded_parts(environment):
        shutil.rmtree(installation.redis().folder / "appendonlydir", ignore_errors=True)


def _database(url: str, name: str) -> str:
    return plain_url(make_url(url).set(database=name).render_as_string(hide_password=False))


def _run(connection: psycopg.Connection[tuple[object, ...]], words: str, *names: str) -> None:
    connection.execute(sql.SQL(words).format(*map(sql.Identifier, names)))


if __name__ == "__main__":
    sys.exit(main())
