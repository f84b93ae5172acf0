"""The key ring of a running process, which sees a rotation without a restart; settings make it."""

import threading
import time
from datetime import datetime
from pathlib import Path

import structlog

from backend.crypto import KeyRing, Purpose

log = structlog.get_logger()

LOOK_SECONDS = 1.0


class LiveKeyRing(KeyRing):
    """A ring that reads its file again when it changed, looking at most once a second.

    A file that is missing or damaged changes nothing: the process goes on with what it knows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._looked_at = time.monotonic()
        self._stamp = _stamp(path)
        self._refused = self._stamp
        self._known = KeyRing.load(path)

    @property
    def keys(self) -> dict[Purpose, dict[int, bytes]]:
        return self._fresh().keys

    @property
    def current_versions(self) -> dict[Purpose, int]:
        return self._fresh().current_versions

    @property
    def since(self) -> dict[Purpose, dict[int, datetime]]:
        return self._fresh().since

    @property
    def public(self) -> dict[int, bytes]:
        return self._fresh().public

    def current(self, purpose: Purpose) -> tuple[int, bytes]:
        """Of one reading of the file: version and key cannot fall to either side of a change."""
        return self._fresh().current(purpose)

    def key(self, purpose: Purpose, version: int) -> bytes:
        """An unknown version may have been made just now, by another process."""
        try:
            return self._fresh().key(purpose, version)
        except KeyError:
            return self._fresh(at_once=True).key(purpose, version)

    def _fresh(self, at_once: bool = False) -> KeyRing:
        if at_once or time.monotonic() - self._looked_at >= LOOK_SECONDS:
            with self._lock:
                self._look()
        return self._known

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            self._known = KeyRing.load(self._path)
        except (OSError, ValueError) as error:
            # Tried again at the next look: it may be the process that is short of something, and
            # whoever misses a rotation writes under a key that is about to be forgotten.
            if stamp != self._refused:
                log.warning("key_ring_unreadable", error=type(error).__name__)
            self._refused = stamp
        else:
            self._stamp = stamp
            log.info("key_ring_read_again")


def _stamp(path: Path) -> tuple[int, ...] | None:
    """Differs whenever the file was written, replaced or given other rights; None: no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
