"""Shows a growing log until told to stop, across its turning over; up calls it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

PAUSE_SECONDS = 0.3
CHECK_EVERY_PAUSES = 10


def follow(log: Path, goes_on: Callable[[], bool]) -> None:
    """From the present end of the log onwards, until what writes it has ended."""
    file = _opened(log)
    file.seek(0, 2)
    pauses = 0
    while True:
        text = file.read()
        sys.stdout.write(text.decode(errors="replace"))
        sys.stdout.flush()
        if not text:
            pauses += 1
            time.sleep(PAUSE_SECONDS)
            if _was_turned_over(log, file):
                file = _opened(log)
            if pauses % CHECK_EVERY_PAUSES == 0 and not goes_on():
                return


def _opened(log: Path) -> BinaryIO:
    log.touch()
    return log.open("rb")


def _was_turned_over(log: Path, file: BinaryIO) -> bool:
    try:
        return log.stat().st_ino != os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False
