"""Writes checked rows of territory over the stored ones; `services` calls it in a transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geoalchemy2.elements import WKBElement
from sqlalchemy import func, insert, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from backend.db import Base, db
from backend.territory.files import FileRefused, Refusal
from backend.territory.hierarchy import StoredUnit, generations, settle
from backend.territory.models import WGS84, District, Jurisdiction, PoliceUnit, UnitKind
from backend.territory.queries import in_force
from backend.territory.rows import Checked, DistrictRow, JurisdictionRow, UnitRow

CHUNK = 200

Advance = Callable[[int], None]

# Which stored columns a file may overwrite, by the column of the file that speaks of them.
SPOKEN_OF = {
    "nombre": "name",
    "tipo": "kind",
    "ubigeo": "ubigeo",
    "lat": "point",
    "telefono": "phone",
    "materias": "matters",
    "basica": "is_basic",
    "vigente_hasta": "valid_until",
}


@dataclass
class ImportReport:
    """What an import changed; `refused` is empty unless the operator chose to skip rows."""

    refused: list[Refusal] = field(default_factory=list)
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, total: int, changed: Iterable[bool]) -> None:
        """Add a batch of `total` rows; `changed` tells of each written one whether it is new."""
        written = list(changed)
        self.added += sum(written)
        self.updated += len(written) - sum(written)
        self.unchanged += total - len(written)


def merge_units(
    checked: Checked[UnitRow],
    columns: frozenset[str],
    source: str,
    today: date,
    skip_refused: bool,
    advance: Advance,
) -> ImportReport:
    rows, refused = checked
    stored = _stored_units()
    refused_codes = {refusal.key for refusal in refused}
    rows, misplaced = settle(rows, stored, refused_codes, today, with_parents="padre" in columns)
    report = _report_or_stop([*refused, *misplaced], skip_refused)
    spoken_of = [column for name, column in SPOKEN_OF.items() if name in columns]
    statement = _upsert(PoliceUnit, "code", ["parent_id", "valid_from", "source", *spoken_of])
    ids = {code: unit.id for code, unit in stored.items()}
    for generation in generations(rows):
        values = [_unit_values(row, ids, source) for row in generation]
        written = db.session.execute(
            statement.returning(PoliceUnit.code, PoliceUnit.id, _is_new(PoliceUnit)), values
        ).all()
        ids |= {code: id_ for code, id_, _ in written}
        report.count(len(values), [is_new for _, _, is_new in written])
        advance(len(values))
    return report


def merge_districts(
    checked: Checked[DistrictRow],
    source: str,
    reniec: Mapping[str, str] | None,
    skip_refused: bool,
    advance: Advance,
) -> ImportReport:
    rows, refused = checked
    report = _report_or_stop(refused, skip_refused)
    columns = ["name", "province", "department", "geom", "source"]
    if reniec is not None:
        columns.append("ubigeo_reniec")
    statement = _upsert(District, "ubigeo", columns).returning(_is_new(District))
    for start in range(0, len(rows), CHUNK):
        values = [_district_values(row, source, reniec or {}) for row in rows[start:][:CHUNK]]
        report.count(len(values), db.session.execute(statement, values).scalars())
        advance(len(values))
    return report


def merge_jurisdictions(
    checked: Checked[JurisdictionRow],
    source: str,
    today: date,
    skip_refused: bool,
    advance: Advance,
) -> ImportReport:
    rows, refused = checked
    units, current = _units_in_force(today), _current_jurisdictions()
    problems = {row.code: _problem(row, units, current, today) for row in rows}
    report = _report_or_stop(
        [*refused, *(Refusal(r.number, r.code, p) for r in rows if (p := problems[r.code]))],
        skip_refused,
    )
    fit = [row for row in rows if not problems[row.code]]
    changed = [row for row in fit if not _same_polygon(row, current.get(units[row.code]))]
    replaced = [row for row in changed if units[row.code] in current]
    _close([(units[row.code], row.valid_from or today) for row in replaced])
    _open([_jurisdiction_values(row, units, source, today) for row in changed])
    report.count(len(fit), [units[row.code] not in current for row in changed])
    advance(len(rows))
    return report


def _report_or_stop(refused: list[Refusal], skip_refused: bool) -> ImportReport:
    refused = sorted(refused, key=lambda refusal: refusal.number)
    if refused and not skip_refused:
        raise FileRefused(refused)
    return ImportReport(refused)


def _upsert(model: type[Base], key: str, columns: list[str]) -> Insert:
    """Insert, or overwrite just these columns where one of them differs."""
    table = model.__table__
    statement = upsert(model)
    new = {column: statement.excluded[column] for column in columns}
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in new.items()))
    return statement.on_conflict_do_update(index_elements=[key], set_=new, where=differs)


def _is_new(model: type[Base]) -> Any:
    # PostgreSQL leaves xmax at zero on a row that the statement itself inserted.
    return literal_column(f"({model.__tablename__}.xmax = 0)")


def _stored_units() -> dict[str, StoredUnit]:
    above = aliased(PoliceUnit)
    query = select(
        PoliceUnit.code, PoliceUnit.id, PoliceUnit.kind, above.code, PoliceUnit.valid_from
    ).outerjoin(above, PoliceUnit.parent_id == above.id)
    return {
        code: StoredUnit(id_, UnitKind(kind), parent, since)
        for code, id_, kind, parent, since in db.session.execute(query)
    }


def _unit_values(row: UnitRow, ids: Mapping[str, int], source: str) -> dict[str, Any]:
    return {
        "code": row.code,
        "parent_id": ids[row.parent] if row.parent else None,
        "kind": row.kind.value,
        "name": row.name,
        "is_basic": row.is_basic,
        "matters": list(row.matters),
        "ubigeo": row.ubigeo,
        "point": f"SRID={WGS84};POINT({row.point[1]} {row.point[0]})" if row.point else None,
        "phone": row.phone,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "source": source,
    }


def _district_values(row: DistrictRow, source: str, reniec: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ubigeo": row.ubigeo,
        "ubigeo_reniec": reniec.get(row.ubigeo),
        "name": row.name,
        "province": row.province,
        "department": row.department,
        "geom": WKBElement(row.ewkb, srid=WGS84, extended=True),
        "source": source,
    }


@dataclass(frozen=True)
class _Current:
    """The open jurisdiction of a unit."""

    ewkb: bytes
    is_provisional: bool
    valid_from: date


def _units_in_force(today: date) -> dict[str, int]:
    query = select(PoliceUnit.code, PoliceUnit.id).where(in_force(today))
    return dict(db.session.execute(query).tuples().all())


def _current_jurisdictions() -> dict[int, _Current]:
    query = select(
        Jurisdiction.unit_id,
        func.ST_AsEWKB(Jurisdiction.geom, "NDR", type_=None),
        Jurisdiction.is_provisional,
        Jurisdiction.valid_from,
    ).where(Jurisdiction.valid_until.is_(None))
    return {
        unit_id: _Current(bytes(ewkb), is_provisional, since)
        for unit_id, ewkb, is_provisional, since in db.session.execute(query)
    }


def _problem(
    row: JurisdictionRow, units: Mapping[str, int], current: Mapping[int, _Current], today: date
) -> str | None:
    if row.code not in units:
        return f"no hay una unidad vigente con el código «{row.code}»"
    if row.valid_from and row.valid_from > today:
        return f"vigente_desde {row.valid_from} está en el futuro"
    old = current.get(units[row.code])
    if old and not old.is_provisional and row.valid_from and row.valid_from < old.valid_from:
        return f"vigente_desde {row.valid_from} es anterior a la que reemplaza ({old.valid_from})"
    return None


def _same_polygon(row: JurisdictionRow, current: _Current | None) -> bool:
    return current is not None and not current.is_provisional and current.ewkb == row.ewkb


def _close(ends: list[tuple[int, date]]) -> None:
    """End the open jurisdictions of these units; a provisional one may be younger than its heir."""
    statement = text(
        "UPDATE jurisdiction SET valid_until = greatest(valid_from, :end) "
        "WHERE unit_id = :unit AND valid_until IS NULL"
    )
    if ends:
        db.session.execute(statement, [{"unit": unit, "end": end} for unit, end in ends])


def _open(values: list[dict[str, Any]]) -> None:
    if values:
        db.session.execute(insert(Jurisdiction), values)


def _jurisdiction_values(
    row: JurisdictionRow, units: Mapping[str, int], source: str, today: date
) -> dict[str, Any]:
    return {
        "unit_id": units[row.code],
        "geom": WKBElement(row.ewkb, srid=WGS84, extended=True),
        "is_provisional": False,
        "source": row.source or source,
        "valid_from": row.valid_from or today,
    }
