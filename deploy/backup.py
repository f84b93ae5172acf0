"""Saves database and media into one folder and the keys apart; `make backup` calls it."""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import psycopg

from backend.clock import now
from backend.crypto import KeyRing
from deploy.console import OperatorError, complain, say, step
from deploy.database_programs import administered_database, run_program
from deploy.embedded import plain_url
from deploy.installation import Installation, media_folder, running_environment
from deploy.manifest import DATABASE, MEDIA, PART, Manifest, fingerprints, sha256_of
from deploy.processes import ServerDidNotStartError


def main() -> int:
    parser = argparse.ArgumentParser(description="Guarda base de datos, medios y llaves.")
    parser.add_argument("to", nargs="?", help="carpeta nueva; si falta, var/backups/FECHA")
    to = parser.parse_args().to
    installation = Installation()
    moment = now().strftime("%Y-%m-%d-%H%M%S")
    target = Path(to).absolute() if to else installation.var / "backups" / moment
    try:
        save(installation, running_environment(installation, os.environ), target)
    except (OperatorError, ServerDidNotStartError) as error:
        return complain(str(error))
    return 0


def save(installation: Installation, environment: Mapping[str, str], target: Path) -> Path:
    """A whole backup in `target`, or none; returns the file of the keys beside it."""
    keys = target.with_name(target.name + "-llaves.json")
    if keys.exists() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise OperatorError(f"{target} ya existe: un respaldo nunca se escribe sobre otro.")
    before = _load_keys(environment)
    part = target.with_name(target.name + ".incompleto")
    part.mkdir(mode=0o700, parents=True, exist_ok=True)
    revision = _save_database(installation, environment, part)
    # After the database, so that every row's file is in it; a newer file is only an orphan.
    media_count = _save_media(environment, part)
    # A key may have been made, or forgotten, while the database was read.
    ring = _load_keys(environment).with_keys_of(before)
    files = {file.name: sha256_of(file) for file in part.iterdir()}
    Manifest(now().isoformat(), revision, files, media_count, fingerprints(ring)).write(part)
    if target.exists():
        target.rmdir()
    part.replace(target)
    ring.save(keys)
    _report(target, keys, media_count)
    return keys


def _load_keys(environment: Mapping[str, str]) -> KeyRing:
    """As they are: whoever saves before an update has a ring of the earlier version."""
    return KeyRing.load(Path(environment["YA_KEYS_FILE"]), may_lack_purposes=True)


def _save_database(installation: Installation, environment: Mapping[str, str], folder: Path) -> str:
    with administered_database(installation, environment) as url, step("Base de datos"):
        run_program("pg_dump", url, "--format=custom", f"--file={folder / DATABASE}")
        (folder / DATABASE).chmod(0o600)
        return revision_of(url)


def revision_of(url: str) -> str:
    """The migration that the database is at; empty for one that has none yet."""
    with psycopg.connect(plain_url(url)) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        if found is None or not found[0]:
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def _save_media(environment: Mapping[str, str], folder: Path) -> int | None:
    media = media_folder(environment)
    if media is None:
        return None
    with step("Medios"):
        return _pack(media, folder / MEDIA)


def _pack(media: Path, target: Path) -> int:
    """Sealed bytes do not compress, so the archive is plain."""
    count = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w|") as archive:
        for path in sorted(media.rglob("*")):
            if path.is_file() and not path.is_symlink() and PART not in path.parts:
                count += _add(archive, path, media)
    return count


def _add(archive: tarfile.TarFile, path: Path, media: Path) -> int:
    try:
        with path.open("rb") as content:
            entry = archive.gettarinfo(arcname=str(path.relative_to(media)), fileobj=content)
            archive.addfile(entry, content)
    except FileNotFoundError:
        return 0  # deleted while we walk: its row went with it
    return 1


def _report(target: Path, keys: Path, media_count: int | None) -> None:
    size = sum(file.stat().st_size for file in target.iterdir())
    say(f"\n  Respaldo  {target} ({size / 1_000_000:.1f} MB)")
    if media_count is None:
        say("  Medios    están en tu almacén S3: su respaldo (versiones, réplica) es allí.")
    else:
        say(f"  Medios    {media_count} archivos sellados")
    say(f"  Llaves    {keys}")
    say(
        "\n  Lleva las llaves a otro lugar que el respaldo: juntos lo abren todo, y sin ellas\n"
        "  el respaldo no sirve.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
