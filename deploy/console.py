"""What the operator reads while a command works, in Spanish; every deploy command prints here."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class OperatorError(Exception):
    """The operator can put this right; the text, in Spanish, says how."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """«Migraciones… listo (1.2 s)», so that nobody wonders whether it hangs."""
    start = time.monotonic()
    print(f"  {what}… ", end="", flush=True)
    try:
        yield
    except BaseException:
        print("no se pudo", flush=True)
        raise
    print(f"listo ({time.monotonic() - start:.1f} s)", flush=True)


def complain(text: str) -> int:
    """Says why it stops; the exit code for the shell."""
    print(f"\n{text}", file=sys.stderr, flush=True)
    return 1
