"""Stops everything of this checkout; `make down` calls it."""

from __future__ import annotations

import sys

from deploy.console import complain, say, step
from deploy.installation import Installation
from deploy.leftovers import end_leftovers
from deploy.supervision import SupervisorError, is_supervised, stop_supervisor


def main() -> int:
    installation = Installation()
    was_running = is_supervised(installation)
    try:
        with step("Deteniendo Yo Alerto"):
            stop_supervisor(installation)
            lost = end_leftovers(installation)
            installation.running_env_file.unlink(missing_ok=True)
    except SupervisorError as error:
        return complain(f"{error}; mira {installation.log}")
    if not was_running:
        say("No estaba en marcha." if lost == 0 else f"Quedaban {lost} procesos sueltos.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
