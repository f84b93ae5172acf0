"""The process that decodes strangers' photos, and the client through which media asks it.

Decoders are the most attacked code we run. They work in one long-lived child per worker,
started afresh as a program instead of forked, so that it holds no keys, no database and no
environment, can open no file and works as nobody where we are root, under limits of memory
and time, and is killed and replaced when it breaks them. A child per photo would cost its
start-up, more than the decoding itself; a thread cannot be killed. It speaks length-prefixed
JSON and bytes over its pipes, never pickle, for its answers are as little to be trusted as
the photo.
"""

import atexit
import ctypes
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock, Timer
from typing import Any, BinaryIO, cast

from backend.photo_pixels import Derivation, TooManyPixels, derive, load_everything

PROJECT = Path(__file__).parents[2]
LENGTH = struct.Struct(">I")
MAX_PART_BYTES = 16 * 1024 * 1024
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS = 38
NOBODY = 65534
GRACE_SECONDS = 5  # the child's start-up, and its own alarm before our kill


class NotDerived(Exception):
    """No picture came of it; `reason` is a word for the attachment's row and the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class DecoderLimits:
    """What one photo may take of the machine; 50 MP of WebP need 0.9 GB, other types less."""

    seconds: float = 20
    memory_bytes: int = 1536 * 1024 * 1024


class PhotoDecoder:
    """The child process, started at first use and again whenever it is gone."""

    def __init__(self, limits: DecoderLimits | None = None) -> None:
        self._limits = limits or DecoderLimits()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = Lock()

    def derive(self, photo: bytes) -> Derivation:
        """The two pictures and the claims, or `NotDerived` with the reason."""
        with self._lock:
            child = self._running_child()
            watchdog = Timer(self._limits.seconds + GRACE_SECONDS, child.kill)
            watchdog.daemon = True
            watchdog.start()
            try:
                answer = _ask(child, photo)
            except (EOFError, BrokenPipeError, ValueError, KeyError, TypeError):
                raise NotDerived(self._end(child)) from None
            except BaseException:  # a job's timeout, say: the conversation is out of step
                self._end(child)
                raise
            finally:
                watchdog.cancel()
        if isinstance(answer, str):
            raise NotDerived(answer)
        return answer

    def close(self) -> None:
        """End the child; the next photo would start another."""
        with self._lock:
            if self._child is not None and self._owner == os.getpid():
                self._end(self._child)

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._owner == 0:
            atexit.register(self.close)
        # After a fork the pipes belong to the parent's conversation.
        is_ours = self._owner == os.getpid()
        if self._child is not None and is_ours and self._child.poll() is not None:
            self._end(self._child)
        if self._child is None or not is_ours:
            self._child = _start(self._limits)
            self._owner = os.getpid()
        return self._child

    def _end(self, child: subprocess.Popen[bytes]) -> str:
        """Make sure the child is gone; says in a word what had ended it."""
        self._child = None
        child.kill()  # without effect on one that is dead already
        with suppress(BrokenPipeError), child:
            pass  # closes the pipes and waits
        slow = child.returncode in (-signal.SIGALRM, -signal.SIGKILL)
        return "too_slow" if slow else "decoder_died"


def _start(limits: DecoderLimits) -> subprocess.Popen[bytes]:
    # One malloc arena, because each further thread's would count 64 MB of address space.
    return subprocess.Popen(  # noqa: S603 our own program, with numbers as arguments
        [sys.executable, "-m", __spec__.name, str(limits.seconds), str(limits.memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        env={"MALLOC_ARENA_MAX": "1"},
    )


def _ask(child: subprocess.Popen[bytes], photo: bytes) -> Derivation | str:
    """The child's answer: what it derived, or the reason why not."""
    to_child, from_child = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
    _send(to_child, photo)
    facts = json.loads(_receive(from_child))
    if "reason" in facts:
        return str(facts["reason"])[:100]
    return Derivation(
        large=_receive(from_child),
        small=_receive(from_child),
        width=int(facts["width"]),
        height=int(facts["height"]),
        taken_at=datetime.fromisoformat(facts["taken_at"]) if facts["taken_at"] else None,
        gps=(float(facts["gps"][0]), float(facts["gps"][1])) if facts["gps"] else None,
    )


def _send(pipe: BinaryIO, *parts: bytes) -> None:
    for part in parts:
        pipe.write(LENGTH.pack(len(part)))
        pipe.write(part)
    pipe.flush()


def _receive(pipe: BinaryIO, limit: int = MAX_PART_BYTES) -> bytes:
    prefix = pipe.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        raise EOFError
    (size,) = LENGTH.unpack(prefix)
    if size > limit:
        raise ValueError("a longer part than agreed")
    part = pipe.read(size)
    if len(part) < size:
        raise EOFError
    return part


def serve(seconds: float, memory_bytes: int) -> None:
    """The child's life: a photo in, its derivation out, until the pipe closes."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not disturb the conversation
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    warnings.simplefilter("ignore")  # they would quote the photo's metadata
    load_everything()
    give_up_rights(memory_bytes)
    with suppress(EOFError):
        while True:
            photo = _receive(requests, limit=memory_bytes)
            signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM ends us, wherever we are
            parts = _derived(photo)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(answers, *parts)


def give_up_rights(memory_bytes: int) -> None:
    """Keep the open pipes and nothing else: no file, key or program can be opened any more.

    Threads stay allowed, because libde265 decodes no HEIC without one.
    """
    for limit, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the decoder cannot give up its rights")


def _derived(photo: bytes) -> tuple[bytes, ...]:
    try:
        made = derive(photo)
    except TooManyPixels:
        return (_json({"reason": "too_many_pixels"}),)
    except MemoryError:
        return (_json({"reason": "too_much_memory"}),)
    except Exception as error:  # decoders raise whatever they trip over
        return (_json({"reason": f"unreadable: {type(error).__name__}"}),)
    facts = {
        "width": made.width,
        "height": made.height,
        "taken_at": made.taken_at.isoformat() if made.taken_at else None,
        "gps": made.gps,
    }
    return _json(facts), made.large, made.small


def _json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts).encode()


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
