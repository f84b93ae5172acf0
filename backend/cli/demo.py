"""`flask demo load`: the demonstration's territory and staff; refused in production."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.identity import services as identity
from backend.identity.models import RoleName, Staff
from backend.territory import services as territory
from backend.territory.models import FALLBACK_DESK_CODE, PoliceUnit

group = AppGroup("demo", help="The demonstration: comisarías of Callao, Ate and Ilo, and staff.")

# Username, name on screen, role, code of the unit.
STAFF: tuple[tuple[str, str, RoleName, str | None], ...] = (
    ("admin", "Administrador 1", RoleName.ADMINISTRADOR, None),
    ("auditor", "Auditor 1", RoleName.AUDITOR, None),
    ("operador.callao", "Operador 1", RoleName.OPERADOR, "CENACOM-1228"),
    ("comisario.callao", "Comisario 1", RoleName.COMISARIO, "CENACOM-1228"),
    ("supervisor.callao", "Supervisor 1", RoleName.SUPERVISOR, "DEMO-CALLAO"),
    ("analista.callao", "Analista 1", RoleName.ANALISTA, "DEMO-CALLAO"),
    ("extorsion.callao", "Operador 2", RoleName.OPERADOR, "DEMO-CALLAO-EXTORSION"),
    ("drogas.callao", "Operador 6", RoleName.OPERADOR, "DEMO-CALLAO-DROGAS"),
    ("trata.callao", "Operador 7", RoleName.OPERADOR, "DEMO-CALLAO-TRATA"),
    ("crimen.callao", "Operador 8", RoleName.OPERADOR, "DEMO-CALLAO-CRIMEN"),
    ("cud.nacional", "Operador 9", RoleName.OPERADOR, "DEMO-CUD"),
    ("inspectoria.nacional", "Operador 10", RoleName.OPERADOR, "DEMO-INSPECTORIA"),
    ("suplente.nacional", "Operador 11", RoleName.OPERADOR, "DEMO-CUD-SUPLENTE"),
    ("operador.ate", "Operador 3", RoleName.OPERADOR, "CENACOM-0418"),
    ("operador.ilo", "Operador 4", RoleName.OPERADOR, "CENACOM-5037"),
    ("juntas.callao", "Oficina de juntas 1", RoleName.PARTICIPACION_CIUDADANA, "CENACOM-1228"),
    ("juntas2.callao", "Oficina de juntas 2", RoleName.PARTICIPACION_CIUDADANA, "CENACOM-1228"),
    ("cargador.callao", "Cargador de padrones 1", RoleName.CARGADOR_PADRON, "DEMO-CALLAO"),
    ("secretaria.callao", "Secretaría técnica 1", RoleName.SECRETARIA_TECNICA, "DEMO-CALLAO"),
    # The desk of last resort has no unit above it: without this nobody would see its reports.
    ("operador.general", "Operador 5", RoleName.OPERADOR, FALLBACK_DESK_CODE),
)


@group.command("load")
def load() -> None:
    """Load what is missing; prints the one-time passwords of the accounts that it made."""
    if not current_app.config["YA_DEMO"]:
        raise click.ClickException("This is not a demonstration: YA_DEMO is not 1.")
    now = clock.now()
    territory.load_demo_territory(clock.in_lima(now).date())
    made = [_account(*row) for row in STAFF if not _exists(row[0])]
    if made:
        click.echo("Contraseñas de un solo uso de la demostración (se muestran solo esta vez):")
    for username, unit, password in made:
        click.echo(f"  {username:<20} {password:<18} {unit}")


def _exists(username: str) -> bool:
    return db.session.scalar(select(Staff.id).where(Staff.username == username)) is not None


def _account(
    username: str, name: str, role: RoleName, unit_code: str | None
) -> tuple[str, str, str]:
    unit = db.session.scalar(select(PoliceUnit).where(PoliceUnit.code == unit_code))
    unit_id, unit_name = (unit.id, unit.name or "") if unit else (None, role.value)
    password = identity.create_staff(
        username, name, roles=(role,), unit_id=unit_id, by=None, now=clock.now()
    )
    return username, unit_name, password
