"""Asks a process of its own what a spreadsheet says; the check of an import calls it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Timer
from typing import Any, BinaryIO, cast

from backend.padron.columns import letters

PROJECT = Path(__file__).parents[2]
CHILD = "backend.padron.spreadsheet_child"
# Of work; on a busy machine it may take longer, within the job's own time.
CPU_SECONDS = 30
WAIT_SECONDS = 90
MEMORY_BYTES = 1024 * 1024 * 1024
MAX_ANSWER_BYTES = 200 * 1024 * 1024
TOO_MUCH = "Abrirlo tomó demasiado tiempo o memoria. Copie solo las filas a la plantilla."
EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


class Unreadable(Exception):
    """The file cannot be taken; the message says why and what to do, for the officer."""


@dataclass(frozen=True)
class Formula:
    """A cell that computes something, or that failed to: nobody knows what it will say."""

    is_error: bool = False


Cell = str | int | float | date | Formula


@dataclass(frozen=True)
class SheetRow:
    """A row as the spreadsheet numbers it, with the cells that say something."""

    number: int
    cells: Mapping[str, Cell] = field(repr=False)


@dataclass(frozen=True)
class Sheet:
    """What a file holds: rows under our columns, where these stand, and what is worth knowing."""

    rows: list[SheetRow] = field(repr=False)
    letters: Mapping[str, str]
    notes: list[str]
    epoch: date = EPOCH

    def day_numbered(self, serial: float) -> date | None:
        """The day behind a number, where a cell lost its format; None for no likely day."""
        try:
            day = self.epoch + timedelta(days=int(serial))
        except OverflowError:
            return None
        return day if 1950 <= day.year <= 2100 else None


def read_sheet(content: bytes) -> Sheet:
    """The rows of a spreadsheet or CSV; raises `Unreadable`."""
    told = json.loads(_answer_to(content))
    if "problem" in told:
        raise Unreadable(str(told["problem"]))
    return _sheet(told)


def _answer_to(content: bytes) -> bytes:
    """What the child says; more than agreed is never kept, nor waited for."""
    with _start() as child:
        watchdog = Timer(WAIT_SECONDS, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            to_child, from_child = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
            with suppress(BrokenPipeError), to_child:  # it reads all before it says anything
                to_child.write(content)
            answer = from_child.read(MAX_ANSWER_BYTES + 1)
            is_whole = len(answer) <= MAX_ANSWER_BYTES and child.wait() == 0
        finally:  # also a job's own timeout
            watchdog.cancel()
            child.kill()  # without effect on one that ended
    if not is_whole:
        raise Unreadable(TOO_MUCH)
    return answer


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 our own program, with numbers as arguments
        [sys.executable, "-m", CHILD, str(CPU_SECONDS), str(MEMORY_BYTES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback would quote cells
        cwd=PROJECT,
        env={"MALLOC_ARENA_MAX": "1", "OPENPYXL_LXML": "False"},
    )


def _sheet(told: Mapping[str, Any]) -> Sheet:
    header = told["header"]
    where = {name: position for position, name in enumerate(header) if name}
    rows = [
        SheetRow(
            int(number),
            {
                name: _cell(cells[position])
                for name, position in where.items()
                if position < len(cells) and cells[position] is not None
            },
        )
        for number, cells in told["rows"]
    ]
    named = {name: letters(position + 1) for name, position in where.items()}
    return Sheet(rows, named, _notes(told), EPOCH_1904 if told.get("is_1904") else EPOCH)


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        if "d" in value:
            return date.fromisoformat(value["d"])
        return Formula(is_error="e" in value)
    if isinstance(value, str | int | float):
        return value
    raise TypeError(type(value).__name__)


def _notes(told: Mapping[str, Any]) -> list[str]:
    notes = []
    ignored = [letters(at + 1) for at, name in enumerate(told["header"]) if not name]
    if ignored:
        notes.append(f"Columnas que no son de la plantilla y no se leen: {', '.join(ignored)}.")
    if told.get("sheet"):
        notes.append(f"El archivo tiene varias hojas. Se leyó «{told['sheet']}».")
    if told.get("is_hidden_sheet"):
        notes.append("La hoja que se leyó está oculta en su archivo.")
    if told.get("hidden_rows"):
        notes.append(
            f"Filas ocultas que también se leyeron: {told['hidden_rows']}. "
            "Si no deben entrar, bórrelas y suba el archivo otra vez."
        )
    return notes
