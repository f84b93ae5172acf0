"""Watches what reaches the disk while something happens, to find plaintext where none may be."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

WINDOW_BYTES = 64
STEP_BYTES = 512
WRITING = os.O_WRONLY | os.O_RDWR

_watches: list["DiskWatch"] = []
_is_hooked = False


class DiskWatch:
    """What was opened for writing, and which files held a piece of the secret at any moment."""

    def __init__(self, folders: Iterable[Path], secret: bytes) -> None:
        self.written: set[str] = set()
        self.betrayed: set[str] = set()
        self.scans = 0
        self._folders = list(folders)
        self._windows = [
            secret[at : at + WINDOW_BYTES]
            for at in range(0, len(secret) - WINDOW_BYTES, STEP_BYTES)
        ]
        self._is_over = Event()

    def scan_until_over(self) -> None:
        while not self._is_over.is_set():
            self.scan()

    def scan(self) -> None:
        """Look into every file of the folders and every open one, unnamed ones included."""
        for path in [*self._named_files(), *_open_files()]:
            try:
                content = _content_of(path)
            except OSError:
                continue  # gone meanwhile
            if any(window in content for window in self._windows):
                self.betrayed.add(str(path))
        self.scans += 1

    def _named_files(self) -> Iterator[Path]:
        for folder in self._folders:
            yield from (path for path in folder.rglob("*") if path.is_file())

    def stop(self) -> None:
        self._is_over.set()


@contextmanager
def disk_watch(folders: Iterable[Path], secret: bytes) -> Iterator[DiskWatch]:
    """Watch while the block runs, in a thread and at each opening of a file."""
    global _is_hooked
    if not _is_hooked:
        sys.addaudithook(_note_opening)
        _is_hooked = True
    watch = DiskWatch(folders, secret)
    thread = Thread(target=watch.scan_until_over)
    _watches.append(watch)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        thread.join()
        _watches.remove(watch)
        watch.scan()


def _note_opening(event: str, details: tuple[object, ...]) -> None:
    if event != "open" or not _watches:
        return
    path, _, flags = details
    if isinstance(flags, int) and flags & WRITING and not isinstance(path, int):
        for watch in _watches:
            watch.written.add(os.fsdecode(path))  # type: ignore[arg-type]


def _content_of(path: Path) -> bytes:
    """A regular file's bytes. The number in /proc may have become a pipe's since we looked, and
    reading from that would take the bytes from whom they are meant for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def _open_files() -> Iterator[Path]:
    """Regular files that this process holds open for writing, deleted ones too."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            flags = Path(f"/proc/self/fdinfo/{link.name}").read_text().split("flags:")[1]
            if stat.S_ISREG(link.stat().st_mode) and int(flags.split()[0], 8) & WRITING:
                yield link
        except OSError:
            continue
