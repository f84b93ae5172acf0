"""What a constancia says of a denuncia or queja, by the form that was filled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend import clock

# Counted, never named: the roles of persons in `datos`, in the order of the page.
PERSON_ROLES = ("denunciante", "agraviados", "implicados", "testigos")
GOODS = ("celulares", "vehiculos", "documentos", "dinero", "otros_bienes")
# What the vault keeps (and a label stands for in `datos`).
HIDDEN = "identidad"


def content_of(
    *,
    numero: str,
    kind: str,
    matter: str,
    received_at: datetime,
    unit: str,
    district: str | None,
    datos: Mapping[str, Any],
    form: Mapping[str, Any],
    photo_hashes: Sequence[str],
) -> dict[str, Any]:
    """The content to sign: words as they were on that day, no identity and no clave.

    `datos` is the checked form with labels in the place of identities; `form` is the schema of its
    matter, whose titles name the fields.
    """
    fact = datos["hecho"]
    return {
        "numero": numero,
        "tipo": kind,
        "asunto": matter,
        "recibido_en": _lima(received_at.isoformat()),
        "unidad": unit,
        "distrito": district,
        "relato": fact["relato"],
        "ocurrio": {"desde": _lima(fact.get("desde")), "hasta": _lima(fact.get("hasta"))},
        "personas": list(_persons(datos)),
        "bienes": list(_goods(datos, form)),
        "fotos": list(photo_hashes),
    }


def _persons(datos: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for role in PERSON_ROLES:
        named = datos.get(role)
        if named:
            yield {"papel": role, "cuantas": len(named) if isinstance(named, list) else 1}


def _goods(datos: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in GOODS:
        # A form without this field cannot have let it in.
        schema = _resolved(form["properties"].get(name, {}), form)
        item = _resolved(schema.get("items", {}), form)
        for one in datos.get(name) or []:
            details = [
                {"campo": title, "valor": value} for title, value in _fields(one, item, form)
            ]
            yield {"clase": item.get("title") or name, "detalles": details}


def _fields(
    one: Mapping[str, Any], item: Mapping[str, Any], form: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Title and words of each field, in the order of the form."""
    for name, given in item.get("properties", {}).items():
        if name == HIDDEN or one.get(name) in (None, "", []):
            continue
        schema = _resolved(given, form)
        yield schema.get("title") or name, _words(one[name], schema)


def _words(value: Any, schema: Mapping[str, Any]) -> str:
    for choice in schema.get("oneOf", ()):
        if choice.get("const") == value:
            return str(choice.get("title", value))
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _resolved(schema: Mapping[str, Any], form: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference into the form's own `$defs`; what stands beside it wins."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target = form["$defs"][reference.rpartition("/")[2]]
    return {**_resolved(target, form), **schema}


def _lima(text: str | None) -> str | None:
    """The same instant with Lima's offset, to the minute; as it was written when it has no zone."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return text
    return clock.in_lima(instant).isoformat(timespec="minutes")
