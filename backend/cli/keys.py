"""`flask keys …`: making and rotating the key ring."""

from pathlib import Path

import click
from flask.cli import AppGroup

from backend.crypto import PURPOSES, KeyRing

group = AppGroup("keys", help="Secret keys of this installation.")


@group.command("create", with_appcontext=False)
@click.argument("path", type=click.Path(path_type=Path))
def create(path: Path) -> None:
    """Write a fresh key ring to PATH; refuses to overwrite one."""
    if path.exists():
        raise click.ClickException(f"{path} exists: keys are never overwritten")
    KeyRing.generate().save(path)
    click.echo(f"Keys written to {path}. Back them up apart from the database.")


@group.command("rotate", with_appcontext=False)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.argument("purpose", type=click.Choice(PURPOSES))
def rotate(path: Path, purpose: str) -> None:
    """Add a fresh current key for PURPOSE to the ring at PATH; old ones stay readable."""
    ring = KeyRing.load(path)
    known = next(name for name in PURPOSES if name == purpose)
    ring.rotated(known).save(path)
    click.echo(f"{purpose}: new current key. Restart the processes to use it.")
