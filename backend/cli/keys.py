"""`flask keys …`: making, rotating and forgetting the keys of the ring (docs/operacion.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine, NullPool, create_engine

from backend import clock, rotation
from backend.crypto import PURPOSES, KeyRing, Purpose, editing
from backend.parts import Parts

group = AppGroup("keys", help="Secret keys of this installation.")

RING = click.argument("path", type=click.Path(path_type=Path, exists=True))
PURPOSE = click.argument("purpose", type=click.Choice(PURPOSES))


@group.command("create", with_appcontext=False)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--complete", is_flag=True, help="Add what a ring of an earlier version lacks.")
def create(path: Path, complete: bool) -> None:
    """Write a fresh key ring to PATH; refuses to overwrite one."""
    if complete:
        _complete(path)
        return
    if path.exists():
        raise click.ClickException(f"{path} exists: keys are never overwritten")
    KeyRing.generate().save(path)
    click.echo(f"Keys written to {path}. Back them up apart from the database.")


@group.command("rotate", with_appcontext=False)
@RING
@PURPOSE
def rotate(path: Path, purpose: Purpose) -> None:
    """Add a fresh current key for PURPOSE to the ring at PATH; old ones stay readable."""
    with editing(path):
        _load(path).rotated(purpose).save(path)
    when = "at their next start" if purpose in rotation.NEEDS_RESTART else "within a second"
    click.echo(f"{purpose}: new current key. Running processes use it {when}.")


@group.command("rewrap")
def rewrap() -> None:
    """Bring photos, webhook secrets and identities under the current keys.

    Then old ones can be forgotten. May be interrupted, even killed, and repeated; the system may
    take reports meanwhile.
    """
    parts: Parts = current_app.extensions["yo_alerto"]
    ring, left = parts.settings.keys, 0
    rotation.wait_until_processes_know(ring, clock.now())
    with _owner(parts) as owner:
        for holding in rotation.holdings(owner):

            def told(rows: int, name: str = holding.name) -> None:
                click.echo(f"{name}: {rows} to go")

            rows = rotation.rewrap_all(holding, ring, told)
            click.echo(f"{holding.name}: {rows or 'none'} under old keys.")
            left += rows
    if left:
        raise click.ClickException(
            f"{left} could not be opened: their key is lost, or another rewrap holds them"
        )


@group.command("forget")
@RING
@PURPOSE
@click.argument("version", type=int)
def forget(path: Path, purpose: Purpose, version: int) -> None:
    """Remove an old key that nothing needs any more from the ring at PATH."""
    parts: Parts = current_app.extensions["yo_alerto"]
    with editing(path), _owner(parts) as owner:
        held = rotation.holdings(owner)
        try:
            kept = rotation.forgotten(_load(path), purpose, version, held, clock.now())
        except rotation.CannotForgetError as error:
            raise click.ClickException(str(error)) from error
        kept.save(path)
    click.echo(f"{purpose} {version} is forgotten. Old backups need the keys saved with them.")


@contextmanager
def _owner(parts: Parts) -> Iterator[Engine]:
    """The schema's owner: the application's own role cannot read the vault."""
    engine = create_engine(parts.settings.database_owner_url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def _load(path: Path) -> KeyRing:
    try:
        return KeyRing.load(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path} cannot be used: {error}") from error


def _complete(path: Path) -> None:
    with editing(path):
        try:
            ring = KeyRing.load(path, may_lack_purposes=True)
        except (OSError, ValueError) as error:
            raise click.ClickException(f"{path} cannot be used: {error}") from error
        added = [purpose for purpose in PURPOSES if purpose not in ring.keys]
        if added:
            ring.completed().save(path)
    click.echo(f"Added: {', '.join(added)}. Back the keys up again." if added else "Complete.")
