"""Writes down what a junta told and what it saw as well; submission and the API call it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.catalog.models import Categoria, Tipo
from backend.clock import in_lima
from backend.db import db, transaction
from backend.errors import NotFound
from backend.informes.models import Informe, InformeKind, JuntaConfirmation, Source
from backend.informes.queries import confirmed_in, yesterday

# The classifier's first level: "actividades presuntamente delictivas" and "presuntas faltas".
SHUFFLED_FOR = timedelta(days=2)
KIND_OF_LEVEL = {"01": InformeKind.DELITO, "02": InformeKind.FALTA}


@dataclass(frozen=True)
class Informant:
    """The junta that tells, of which comisaría, and whether its coordinator saw it."""

    junta_id: UUID
    unit_id: int
    source: Source


def kind_of(categoria: Categoria) -> InformeKind:
    """What A 28 counts it as."""
    if categoria.tipo is Tipo.FACTOR_DE_RIESGO:
        return InformeKind.FACTOR_DE_RIESGO
    return KIND_OF_LEVEL.get(categoria.clasificador[:2], InformeKind.OTRO)


def record(report_id: UUID, informant: Informant, categoria: Categoria, now: datetime) -> None:
    """Remember with a report which junta told of it, in the transaction that stores it."""
    _add(report_id, informant, categoria, in_lima(now).date())


def count_reserved(informant: Informant, categoria: Categoria, now: datetime) -> None:
    """Remember that the junta told of something sensible this month, and nothing else of it."""
    with transaction():
        _add(None, informant, categoria, in_lima(now).date().replace(day=1))


def shuffle_reserved(now: datetime) -> None:
    """Write the sensible rows of late anew, in one transaction and in no order.

    A table keeps which transaction wrote a row, and beside which others: enough, for who reads
    the disk, to find the report that came at the same moment.
    """
    since = (in_lima(now).date() - SHUFFLED_FOR).replace(day=1)
    with transaction():
        db.session.execute(_SHUFFLE, {"since": since})


_SHUFFLE = text("""
    WITH gone AS (DELETE FROM informe WHERE report_id IS NULL AND told_on >= :since RETURNING *)
    INSERT INTO informe (id, junta_id, kind, source, told_on)
    SELECT gen_random_uuid(), junta_id, kind, source, told_on FROM gone ORDER BY random()
""")


def confirm(junta_id: UUID, cell: str, categoria: str, day: date, now: datetime) -> None:
    """ "Yo también lo vi", of what the junta's list shows; said twice, it is said once.

    A list that was opened before midnight still counts the day after.
    """
    latest = yesterday(now)
    is_listed = day in (latest, latest - timedelta(days=1)) and categoria in confirmed_in(
        junta_id, day
    ).get(cell, ())
    if not is_listed:
        raise NotFound("Eso ya no está en la lista de tu zona. Vuelve a abrirla.")
    row = {"junta_id": junta_id, "day": day, "cell": cell, "categoria": categoria}
    with transaction():
        db.session.execute(upsert(JuntaConfirmation).values(row).on_conflict_do_nothing())


def _add(report_id: UUID | None, informant: Informant, categoria: Categoria, day: date) -> None:
    row = {
        "id": uuid4(),
        "junta_id": informant.junta_id,
        "report_id": report_id,
        "kind": kind_of(categoria),
        "source": informant.source,
        "told_on": day,
    }
    db.session.execute(insert(Informe).values(row))
