"""Builders with telling names: units, staff and reports as the stories need them."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.db import db, transaction
from backend.identity.models import Role, Staff
from backend.territory.models import Jurisdiction, PoliceUnit, UnitKind

# Two neighbouring comisarías: a square each, side by side, in the middle of Callao.
WEST = (-77.14, -12.07, -77.12, -12.05)
EAST = (-77.12, -12.07, -77.10, -12.05)
IN_WEST = {"lat": -12.06, "lon": -77.13}
IN_EAST = {"lat": -12.06, "lon": -77.11}


def a_unit(
    code: str, kind: UnitKind, *, parent: PoliceUnit | None = None, **columns: Any
) -> PoliceUnit:
    """A unit in force, committed."""
    with transaction():
        return _added_unit(code, kind, parent, columns)


def _added_unit(
    code: str, kind: UnitKind, parent: PoliceUnit | None, columns: dict[str, Any]
) -> PoliceUnit:
    unit = PoliceUnit(
        code=code,
        kind=kind,
        name=columns.pop("name", code.title()),
        parent_id=parent.id if parent else None,
        valid_from=date(2020, 1, 1),
        source="prueba",
        **columns,
    )
    db.session.add(unit)
    db.session.flush()
    return unit


def a_comisaria(
    code: str, box: tuple[float, float, float, float], parent: PoliceUnit | None = None
) -> PoliceUnit:
    """A comisaría whose jurisdiction is a box (west, south, east, north), committed."""
    with transaction():
        return _added_comisaria(code, box, parent)


def _added_comisaria(
    code: str, box: tuple[float, float, float, float], parent: PoliceUnit | None
) -> PoliceUnit:
    west, south, east, north = box
    columns = {
        "name": f"Comisaría {code}",
        "ubigeo": "070101",
        "point": f"SRID=4326;POINT({(west + east) / 2} {(south + north) / 2})",
    }
    unit = _added_unit(code, UnitKind.COMISARIA, parent, columns)
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    db.session.add(
        Jurisdiction(
            unit_id=unit.id,
            geom=f"SRID=4326;MULTIPOLYGON((({ring})))",
            is_provisional=False,
            source="prueba",
            valid_from=date(2020, 1, 1),
        )
    )
    return unit


class Callao:
    """A region with a DIVPOL, two comisarías side by side, a sector, and a specialised desk."""

    def __init__(self) -> None:
        with transaction():  # one for all: most tests begin here
            self.region = _added_unit("REG", UnitKind.REGION, None, {})
            self.divpol = _added_unit("DIV", UnitKind.DIVPOL, self.region, {})
            self.west = _added_comisaria("WEST", WEST, self.divpol)
            self.east = _added_comisaria("EAST", EAST, self.divpol)
            self.sector = _added_unit("WEST-1", UnitKind.SECTOR, self.west, {})
            self.extortion_desk = _added_unit(
                "EXT", UnitKind.SPECIALISED, self.region, {"matters": ["extorsion"]}
            )


def a_member_of_staff(username: str, role: str, unit: PoliceUnit | None) -> Staff:
    """An account that has finished its enrolment, committed."""
    with transaction():
        staff = Staff(
            username=username,
            display_name=username.title(),
            unit_id=unit.id if unit else None,
            password="not used: tests sign in through the session",
            must_change_password=False,
            active=True,
            fs_uniquifier=uuid4().hex * 2,
            tf_primary_method="authenticator",
            roles=[db.session.scalars(select(Role).where(Role.name == role)).one()],
        )
        db.session.add(staff)
    return staff


def a_device(client: FlaskClient) -> dict[str, str]:
    """The headers of a registered phone."""
    token = client.post("/api/v1/dispositivos").json["token"]
    return {"Authorization": f"Bearer {token}"}


def datos(categoria: str = "robo", **changes: Any) -> dict[str, Any]:
    """The JSON of an ordinary alerta in the western jurisdiction."""
    return {
        "categoria": categoria,
        "lugar": {"origen": "gps", "precision_m": 12, **IN_WEST},
        "descripcion": "Dos personas en una moto sin placa",
        **changes,
    }


def send(
    client: FlaskClient,
    body: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    photos: list[tuple[Any, str]] | None = None,
):
    """POST an alerta as a phone does; returns the response."""
    headers = {**(headers or a_device(client)), "Idempotency-Key": key or str(uuid4())}
    if photos is None:
        return client.post("/api/v1/alertas", json=body, headers=headers)
    return send_form(client, {"datos": json.dumps(body), "foto": photos}, headers)


def send_form(
    client: FlaskClient,
    form: Mapping[str, Any],
    headers: Mapping[str, str],
    address: str = "/api/v1/alertas",
):
    """POST a form; encoded here, as the test client would leave a file open."""
    boundary, content = encode_multipart({name: _parts(value) for name, value in form.items()})
    content_type = f"multipart/form-data; boundary={boundary}"
    headers = {"Idempotency-Key": str(uuid4()), **headers}
    return client.post(address, data=content, headers=headers, content_type=content_type)


def _parts(value: Any) -> Any:
    """A text, or files given as (stream, name[, content type])."""
    if isinstance(value, str):
        return value
    files = value if isinstance(value, list) else [value]
    return [FileStorage(file[0], file[1], content_type=(*file, None)[2]) for file in files]


def count(table: str) -> int:
    """Rows of a table."""
    return int(db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
