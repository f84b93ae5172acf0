"""Starts a worker for the named queues, or the scheduler: `python -m workers.main --help`."""

import os
import sys

import click

from backend.app import create_app
from backend.errors import ConfigurationError
from backend.queue import QUEUES, work
from backend.settings import load_settings
from workers import metrics, schedule


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
@click.option("--scheduler", is_flag=True, help="Follow the schedule instead of queues.")
def main(queues: tuple[str, ...], scheduler: bool) -> None:
    """Work off QUEUES in this order of urgency, or follow the schedule."""
    try:
        settings = load_settings(os.environ)
    except ConfigurationError as error:
        sys.exit("Yo Alerto does not start:\n" + "\n".join(f" - {p}" for p in error.problems))
    app = create_app(settings)
    if scheduler:
        metrics.serve(app)
        schedule.run_forever(app)
        return
    with app.app_context():
        work(settings.redis_url, list(queues or QUEUES))


if __name__ == "__main__":
    main()
