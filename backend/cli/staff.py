"""`flask staff …`: the accounts that cannot be made from the panel, and those that got lost."""

from typing import Any

import click
from flask.cli import AppGroup

from backend import clock
from backend.errors import YoAlertoError
from backend.identity import services as identity


class StaffGroup(AppGroup):
    """Tells refusals in a line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except YoAlertoError as refusal:
            raise click.ClickException(refusal.detail) from None


group = StaffGroup("staff", help="Accounts of the panel.")


@group.command("create-admin")
@click.argument("username")
@click.option("--name", "display_name", default="Administrador", help="Shown in the panel.")
def create_admin(username: str, display_name: str) -> None:
    """Create an administrator and print its one-time password."""
    password = identity.create_staff(
        username, display_name, roles=("administrador",), unit_id=None, by=None, now=clock.now()
    )
    click.echo(f"{username}: one-time password {password}")
    click.echo("The first sign-in asks for a new password and a second factor.")


@group.command("reset-second-factor")
@click.argument("username")
def reset_second_factor(username: str) -> None:
    """Forget a lost second factor and print a one-time password; old sessions end."""
    password = identity.reset_second_factor(username, by=None, now=clock.now())
    click.echo(f"{username}: one-time password {password}")


@group.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """End a leaver's access at once."""
    identity.disable(username, by=None, now=clock.now())
    click.echo(f"{username} can no longer sign in; open sessions have ended.")
