"""How long a region's roster takes, from the upload to the registered juntas.

    python -m bench.padron_import [rows]

Starts an installation of its own (durable PostgreSQL, Redis, one real worker for the queue
`padron`), generates 12,000 rows in 100 comisarías, and loads them as a registry loader does. Names
and documents are numbers; nothing is left behind.
"""

import io
import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from openpyxl import Workbook
from sqlalchemy import text

from backend import clock
from backend.app import create_app, parts_of
from backend.db import db
from backend.identity.models import Staff
from backend.padron import services as imports
from backend.padron.applying import apply_import
from backend.padron.columns import COLUMNS
from backend.padron.models import PadronImport
from backend.padron.undoing import undo_import
from backend.queue import PADRON, Ring
from backend.settings import load_settings
from backend.territory.models import UnitKind
from backend.territory.queries import today
from bench.installation import installation, running
from tests.builders import a_comisaria, a_member_of_staff, a_unit

COMISARIAS, MEMBERS = 100, 12
WEST, SOUTH, STEP = -76.5, -12.3, 0.02


def main(rows: int) -> None:
    """Print seconds per phase."""
    with installation() as environ:
        os.environ.update({name: environ[name] for name in environ if name.startswith("YA_")})
        app = create_app(load_settings(environ))
        with app.app_context(), running(environ, "workers.main", PADRON) as worker:
            loader_id = _region()
            content = _roster(rows)
            print(f"{rows} filas, {len(content) / 1024 / 1024:.1f} MB")
            time.sleep(3)  # a worker says nowhere that it is ready; its start is not measured
            [pid_file] = Path(environ["YA_BENCH_POSTGRES"]).rglob("postmaster.pid")
            postmaster = int(pid_file.read_text().split()[0])
            _measure(loader_id, content, worker.pid, postmaster)


def _measure(loader_id: int, content: bytes, worker: int, postmaster: int) -> None:
    before = _processor_seconds(worker, postmaster)
    parts, began = parts_of(), time.monotonic()
    loader = db.session.get_one(Staff, loader_id)
    import_id = imports.upload(parts.settings.keys, loader, "region.xlsx", content, clock.now())
    parts.doorbell.ring([Ring("check_padron", (str(import_id),), PADRON)])
    uploaded = time.monotonic()
    one = _until_checked(import_id)
    checked = time.monotonic()
    apply_import(db.session.get_one(Staff, loader_id), one.id, only_right=False, now=clock.now())
    applied = time.monotonic()
    for name, seconds in (
        ("subir", uploaded - began),
        ("revisar", checked - uploaded),
        ("registrar", applied - checked),
        ("en total", applied - began),
    ):
        print(f"{name}: {seconds:.1f} s")
    used = _processor_seconds(worker, postmaster)
    spent = ", ".join(f"{name} {used[name] - before[name]:.1f}" for name in used)
    print(f"segundos de procesador: {spent}; carga de la máquina {os.getloadavg()[0]:.1f}")
    counts = "SELECT (SELECT count(*) FROM junta_vecinal), (SELECT count(*) FROM junta_member)"
    print("juntas e integrantes:", tuple(db.session.execute(text(counts)).one()))
    db.session.rollback()
    undo_import(db.session.get_one(Staff, loader_id), import_id, clock.now())
    print(f"deshacer: {time.monotonic() - applied:.1f} s")


def _processor_seconds(worker: int, postmaster: int) -> dict[str, float]:
    """What each side took of the processors so far: other work on the machine does not count."""
    own = os.times()
    return {
        "web": own.user + own.system,
        "trabajador y lector": _seconds_of(worker),
        "PostgreSQL": sum(map(_seconds_of, _children_of(postmaster)), _seconds_of(postmaster)),
    }


def _seconds_of(pid: int) -> float:
    """Of a process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _until_checked(import_id: UUID) -> PadronImport:
    while True:
        db.session.rollback()
        one = db.session.get_one(PadronImport, import_id, populate_existing=True)
        if one.state != "subida":
            assert one.state == "revisada", one.problem
            assert one.rows_right == one.rows_total
            return one
        time.sleep(0.1)  # as an open page asks, only oftener


def _region() -> int:
    """A region with its comisarías, side by side, and who loads its rosters."""
    region = a_unit("BENCH-REG", UnitKind.REGION)
    for number in range(COMISARIAS):
        west = WEST + STEP * (number % 10)
        south = SOUTH + STEP * (number // 10)
        a_comisaria(f"BENCH-{number}", (west, south, west + STEP, south + STEP), region)
    return a_member_of_staff("cargador.bench", "cargador_padron", region).id


def _roster(rows: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Padrón")
    sheet.append([column.name for column in COLUMNS])
    begins = today() - timedelta(days=30)
    for number in range(rows):
        said = _row(number, begins)
        sheet.append([said.get(column.name) for column in COLUMNS])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _row(number: int, begins: date) -> dict[str, object]:
    junta = number // MEMBERS
    comisaria = junta % COMISARIAS
    west, south = WEST + STEP * (comisaria % 10), SOUTH + STEP * (comisaria // 10)
    corners = ((0.2, 0.2), (0.2, 0.4), (0.4, 0.4), (0.4, 0.2))
    area = "; ".join(f"{south + STEP * y:.5f},{west + STEP * x:.5f}" for y, x in corners)
    return {
        "comisaria": f"BENCH-{comisaria}",
        "junta_codigo": f"JV-{junta}",
        "junta_nombre": f"Junta {junta}",
        "ambito": "manzana",
        "area": area if number % MEMBERS == 0 else None,
        "acto": f"Acta {junta}",
        "reconocida_el": begins,
        "vigente_desde": begins,
        "cargo": "coordinador" if number % MEMBERS == 0 else "integrante",
        "nombres": "Persona",
        "apellido_paterno": "Inventada",
        "apellido_materno": "Vecina",
        "numero_documento": f"{10_000_000 + number}",
        "sexo": "mujer" if number % 2 else "hombre",
        "designado_por": "comisario",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_000)
