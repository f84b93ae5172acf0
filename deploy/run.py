"""Runs one command with this installation's environment; deploy/flask and the benches use it."""

from __future__ import annotations

import os
import sys

from deploy.installation import CHECKOUT, Installation, running_environment


def main() -> None:
    environment = os.environ | running_environment(Installation(), os.environ)
    environment["PATH"] = f"{CHECKOUT / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    os.execvpe(sys.argv[1], sys.argv[1:], environment)  # noqa: S606 - the operator's own words


if __name__ == "__main__":
    main()
