"""The process that opens strangers' spreadsheets; `spreadsheet_client` starts it, one per file.

A spreadsheet is a zip of XML that other programs wrote: it may unpack to anything. So it is read
by a program of its own without keys, database, environment or files, with little memory and time;
all that comes back is JSON, and its `problem` is told to the officer as it stands.
"""

import csv
import ctypes
import io
import json
import os
import resource
import signal
import sys
import warnings
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook

from backend.padron.spreadsheet_reading import (
    MAX_CELL_LETTERS,
    SAVE_AS,
    Unreadable,
    read,
    rows_of,
)

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS = 38
NOBODY = 65534


def serve(seconds: float, memory_bytes: int) -> None:
    """A file in, what it says out."""
    content = sys.stdin.buffer.read()
    warnings.simplefilter("ignore")  # they would quote cells
    csv.field_size_limit(MAX_CELL_LETTERS * 4)
    _load_everything()
    _give_up_rights(memory_bytes)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends us, wherever we are
    sys.stdout.buffer.write(json.dumps(_answer(content)).encode())
    sys.stdout.buffer.flush()


def _answer(content: bytes) -> dict[str, Any]:
    try:
        return read(content)
    except Unreadable as problem:
        return {"problem": str(problem)}
    except MemoryError:
        return {"problem": "Ocupa demasiado para abrirlo. Copie solo las filas a la plantilla."}
    except Exception:  # whatever the libraries trip over; its words would quote the file
        return {"problem": f"No se pudo leer: está dañado o no es lo que dice. {SAVE_AS}"}


def _load_everything() -> None:
    """Import now what the library would look for while it reads: later no file opens."""
    made = io.BytesIO()
    book = Workbook()
    book.active["A1"] = date(2026, 1, 1)  # type: ignore[index]
    book.save(made)
    for codec in ("utf-8-sig", "utf-16", "cp1252", "utf-16-le"):
        "á".encode(codec)
    sheet = load_workbook(made, read_only=True).worksheets[0]
    list(rows_of(sheet))


def _give_up_rights(memory_bytes: int) -> None:
    """Keep the open pipes and nothing else, as the decoder of photos does; and start nothing.

    The limit counts the user's processes, and we begin none: any number of others is no matter.
    """
    for limit, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the reader cannot give up its rights")


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
