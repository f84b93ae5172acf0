"""Reads an uploaded roster and checks every cell: the worker's part of an import.

Whoever stands in a right row goes straight into the vault, from where nothing comes back to this
process. Done twice it is harmless: it begins anew with what an earlier attempt left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from backend import outbox
from backend.boards.known import TOLD, told_today
from backend.boards.services import lock_roster
from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.identity.services import audit
from backend.outbox import WorkState
from backend.padron.areas import Areas
from backend.padron.models import ImportState, PadronImport, PadronProblem, PadronRow
from backend.padron.places import Comisarias
from backend.padron.rows import CheckedRow, RowRules, check_together
from backend.padron.services import forget_file, forget_findings, opened_file
from backend.padron.spreadsheet_client import Sheet, Unreadable, read_sheet
from backend.padron.standing import Registered, registered_in
from backend.vault.members import known_documents, seal_members
from backend.vault.models import NewMember

LEASE_SECONDS = 300
CHUNK_ROWS = 500
TOO_MANY_NAMED = (
    "Demasiadas personas, con las que hoy ya se le avisaron, están en otra junta de su comisaría "
    "o salieron de una. Revise que el archivo tenga los códigos de junta de su comisaría. Si los "
    "tiene, suba menos juntas a la vez, y las demás desde mañana."
)
TOO_MANY_ANSWERS = (
    "Hoy ya se compararon muchos archivos suyos con el padrón de su comisaría. Suba este mañana."
)


class Overtaken(Exception):
    """The import was given up, or another worker has it."""


@dataclass(frozen=True)
class Task:
    """What one attempt to check an import works with."""

    ring: KeyRing
    catalog: Catalog
    import_id: UUID
    unit_id: int
    staff_id: int
    is_loader: bool
    attempts: int
    content: bytes | None = field(repr=False)
    now: datetime

    @property
    def on(self) -> date:
        return in_lima(self.now).date()


def check_import(ring: KeyRing, catalog: Catalog, import_id: UUID, now: datetime) -> None:
    """Check one uploaded file, from its bytes to the preview."""
    task = _claim(ring, catalog, import_id, now)
    if task is None:
        return
    try:
        _check(task)
    except Overtaken:
        return
    except BaseException:
        with transaction():
            waiting = db.session.get_one(PadronImport, import_id, with_for_update=True)
            if waiting.work_state is WorkState.PENDING:
                outbox.record_failure(waiting, now, "Se interrumpió la revisión.")
        raise


def _claim(ring: KeyRing, catalog: Catalog, import_id: UUID, now: datetime) -> Task | None:
    with transaction():
        waiting = outbox.claim(PadronImport, import_id, now, LEASE_SECONDS)
        if waiting is None:
            return None
        forget_findings(import_id)
        waiting.rows_done = waiting.rows_total = waiting.rows_right = waiting.rows_known = 0
        content = opened_file(waiting, ring)
        unit_id, is_loader = waiting.unit_id, waiting.is_loader
        staff_id, attempts = waiting.staff_id, waiting.attempts
        return Task(ring, catalog, import_id, unit_id, staff_id, is_loader, attempts, content, now)


def _check(task: Task) -> None:
    try:
        sheet = _sheet(task)
    except Unreadable as problem:
        with transaction():
            waiting = _mine(task)
            _refuse(waiting, str(problem))
            _done(waiting, task)
        return
    rows, areas = _understood(task, sheet), Areas()
    with transaction():
        _mine(task).rows_total = len(rows)
        areas.read(rows, task.on)
        if not task.is_loader:
            # A region's registration takes seconds, and bears the instant at which it began.
            lock_roster(task.unit_id)
        known = registered_in({row.key for row in rows})
        _note_file(task, sheet)
    db.session.rollback()
    named = 0
    for chunk in _chunks(rows):
        with transaction():
            named += _keep_chunk(task, sheet, chunk, known, areas)
    _conclude(task, named)


def _sheet(task: Task) -> Sheet:
    if task.content is None:
        raise Unreadable("El archivo no se conservó bien. Súbalo otra vez.")
    return read_sheet(task.content)


def _understood(task: Task, sheet: Sheet) -> list[CheckedRow]:
    comisarias = Comisarias(task.unit_id, is_loader=task.is_loader)
    db.session.rollback()
    rules = RowRules(task.catalog, comisarias, sheet, task.on)
    rows = [rules.check(row) for row in sheet.rows]
    check_together(rows, task.catalog)
    return rows


def _note_file(task: Task, sheet: Sheet) -> None:
    """What is worth knowing of the file as a whole stands under row 0."""
    for note in sheet.notes:
        db.session.add(
            PadronProblem(
                import_id=task.import_id, row=0, cell="", column="", message=note, is_warning=True
            )
        )


def _chunks(rows: Sequence[CheckedRow]) -> Iterator[Sequence[CheckedRow]]:
    # By unit, because the vault is asked and written unit by unit.
    rows = sorted(rows, key=lambda row: (row.unit_id, row.number))
    for start in range(0, len(rows), CHUNK_ROWS):
        yield rows[start : start + CHUNK_ROWS]


def _keep_chunk(
    task: Task,
    sheet: Sheet,
    chunk: Sequence[CheckedRow],
    registered: Registered,
    areas: Areas,
) -> int:
    """Returns of how many documents it tells that they are in another junta."""
    waiting, named = _mine(task), 0
    right = [row for row in chunk if not row.wrong]
    standing = _standing(task, right, registered)
    is_repeated: set[int] = set()
    for row in right:
        if task.is_loader:
            # Who loads learns nothing of the unit: its office looks into the marked ones.
            if registered.would_repeat(row, standing[row.number], task.catalog):
                is_repeated.add(row.number)
        else:
            named += registered.compare(row, standing[row.number], task.catalog, task.on)
    right = [row for row in chunk if not row.wrong]
    areas.hand_out(right, registered, is_loader=task.is_loader)
    _seal(task, [row for row in right if not row.member.get("known")])
    _store(task, right, is_repeated)
    _store_problems(task, sheet, chunk)
    waiting.rows_done += len(chunk)
    waiting.rows_right += len(right)
    waiting.rows_known += sum(1 for row in right if row.member.get("known"))
    return named


def _standing(
    task: Task, rows: Sequence[CheckedRow], registered: Registered
) -> dict[int, list[UUID]]:
    """Under which members the unit of each row has its document already."""
    found: dict[int, list[UUID]] = {}
    for unit_id in {row.unit_id for row in rows}:
        of_unit = [row for row in rows if row.unit_id == unit_id]
        known = known_documents(unit_id, [row.document for row in of_unit], task.ring)
        for row in of_unit:
            found[row.number] = known.get(row.document, [])
    registered.load_members({one for ids in found.values() for one in ids})
    return found


def _seal(task: Task, rows: Sequence[CheckedRow]) -> None:
    by_unit: dict[int, list[NewMember]] = {}
    for row in rows:
        member_id = uuid4()
        row.member["id"] = str(member_id)
        by_unit.setdefault(row.unit_id, []).append(NewMember(member_id, row.identity))
    for unit_id, members in by_unit.items():
        seal_members(unit_id, members, task.ring, task.now, task.import_id)


def _store(task: Task, rows: Sequence[CheckedRow], is_repeated: set[int]) -> None:
    if rows:
        db.session.execute(
            insert(PadronRow),
            [
                {
                    "import_id": task.import_id,
                    "row": row.number,
                    "unit_id": row.unit_id,
                    "junta_code": row.code,
                    "member_id": UUID(row.member["id"]),
                    "is_repeated": row.number in is_repeated,
                    "junta": row.junta,
                    "member": row.member,
                }
                for row in rows
            ],
        )


def _store_problems(task: Task, sheet: Sheet, rows: Sequence[CheckedRow]) -> None:
    order = list(sheet.letters)  # as an officer reads: from left to right
    found = [
        {
            "import_id": task.import_id,
            "row": row.number,
            "cell": f"{sheet.letters.get(column, '')}{row.number}",
            "column": column,
            "message": message,
            "is_warning": is_warning,
        }
        for row in rows
        for is_warning, messages in ((False, row.wrong), (True, row.warnings))
        for column, message in sorted(
            messages.items(), key=lambda one: order.index(one[0]) if one[0] in order else -1
        )
    ]
    if found:
        db.session.execute(insert(PadronProblem), found)


def _conclude(task: Task, named: int) -> None:
    """Only from here on the findings are seen: all of them, or none past the limit of the day."""
    with transaction():
        waiting = _mine(task)
        about: dict[str, Any] = {"padron_import": str(task.import_id)}
        is_answer = named > 0 or waiting.rows_known > 0
        today = told_today(task.staff_id, task.now) if is_answer else None
        if today is not None and not today.allows(named):
            _refuse(waiting, TOO_MANY_NAMED if today.allows(0) else TOO_MANY_ANSWERS)
            forget_findings(task.import_id)
            waiting.rows_right = waiting.rows_known = named = 0
            about["over_limit"] = True
        else:
            waiting.state, waiting.checked_at = ImportState.CHECKED, task.now
        if is_answer:
            audit(task.staff_id, TOLD, count=named, known=waiting.rows_known, **about)
        _done(waiting, task)


def _refuse(waiting: PadronImport, problem: str) -> None:
    waiting.state, waiting.problem = ImportState.UNREADABLE, problem


def _done(waiting: PadronImport, task: Task) -> None:
    forget_file(waiting)
    outbox.record_done(waiting, task.now)


def _mine(task: Task) -> PadronImport:
    """The import, locked, while this attempt still has it; raises `Overtaken`."""
    query = select(PadronImport).where(PadronImport.id == task.import_id).with_for_update()
    waiting = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if waiting.state is not ImportState.UPLOADED or waiting.attempts != task.attempts:
        raise Overtaken
    return waiting
