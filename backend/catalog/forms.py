"""A denuncia's or queja's form against what was sent, and the identities apart from the case.

The edge that takes a denuncia calls it; the form itself is data (`Asunto.form`). Everything here
is pure: nothing is stored, and the time is an argument.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from backend.catalog import form_values
from backend.catalog.form_messages import told
from backend.catalog.form_values import (
    FORMATS,
    dotted,
    has_right_check_digit,
    normal,
    unreadable,
)
from backend.catalog.models import Asunto, Catalog
from backend.errors import FieldError, InvalidInput, wrong_field

MAX_ERRORS = 40
IDENTIDAD = "identidad"
# A phone's clock is often some minutes fast.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Past it neither a zone nor a slow clock explains a time to come: the year or month is a slip.
DAY_TOLERANCE = timedelta(days=1)

NOT_A_FORM = "Envía los datos del formulario como un objeto JSON."
NO_ASUNTO = "Elige qué quieres denunciar."
BACKWARDS = "Debe ser después de la primera hora que pusiste."
ODD_IMEI = "Este IMEI no parece correcto. Compáralo con la caja; si es así, déjalo."
IN_THE_FUTURE = "Esta fecha todavía no llega. Revisa si es la correcta."
NOT_YET = "Esa fecha todavía no llega. Revisa el día, el mes y el año."

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Part:
    """What the vault keeps of one place of the form: of a person, a line or a document.

    `role` is the name of the group (`agraviados`) and `position` its place in it, from 1.
    """

    role: str
    position: int
    data: Mapping[str, Any] = field(repr=False)

    @property
    def document(self) -> tuple[str, str] | None:
        """Kind and number of the identity document, if the form tells both."""
        kind, number = self.data.get("tipo_documento"), self.data.get("numero_documento")
        return (kind, number) if kind and number else None


class Split(NamedTuple):
    """A form in two: what the case may hold, and what only the vault may."""

    case: dict[str, Any]
    parts: list[Part]


def asunto_of(catalog: Catalog, datos: Any) -> Asunto:
    """What this form is about; raises `InvalidInput` whatever was sent instead."""
    if not isinstance(datos, dict):
        raise wrong_field("datos", NOT_A_FORM)
    codigo = datos.get("asunto")
    if not isinstance(codigo, str) or not codigo:
        raise wrong_field("asunto", NO_ASUNTO)
    return catalog.asunto(codigo)


def read(asunto: Asunto, datos: Any) -> dict[str, Any]:
    """The form as it is kept; raises `InvalidInput` naming every wrong field."""
    errors = check(asunto, datos)
    if errors:
        raise InvalidInput("Revisa los datos marcados.", tuple(errors))
    return normalised(asunto, datos)


def check(asunto: Asunto, datos: Any) -> list[FieldError]:
    """What is wrong, field by field in the order of the steps; none means it can be kept."""
    if not isinstance(datos, dict):
        return [FieldError("datos", NOT_A_FORM)]
    problems = unreadable(datos)
    if not problems:
        kept = normalised(asunto, datos)
        schema = Draft202012Validator(asunto.form, format_checker=FORMATS)
        problems = [each for error in schema.iter_errors(kept) for each in told(error)]
        problems += _backwards(asunto, kept)
    return _in_order(asunto, problems)[:MAX_ERRORS]


def normalised(asunto: Asunto, datos: Mapping[str, Any]) -> dict[str, Any]:
    """The form with every text trimmed and every code in one spelling; doing it twice is once."""
    found = normal(asunto.form, dict(datos))
    return dict(found)


def refuse_the_future(asunto: Asunto, datos: Mapping[str, Any], now: datetime) -> None:
    """Raise `InvalidInput` for a past fact dated after tomorrow: its receipt is signed."""
    late = {
        path: schema
        for path, schema, value, _ in _fields(asunto.form, datos)
        if "fecha_futura" in schema.get("x-avisos", ()) and _is_after(value, now + DAY_TOLERANCE)
    }
    # Where the beginning is late, the end is late with it: one slip, told once.
    wrong = [
        FieldError(dotted(path), NOT_YET)
        for path, schema in late.items()
        if (*path[:-1], schema.get("x-no-antes-de")) not in late
    ]
    if wrong:
        raise InvalidInput("Revisa los datos marcados.", tuple(_in_order(asunto, wrong)))


def warnings(asunto: Asunto, datos: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What looks like a slip in a form that can be kept; nobody is stopped by it."""
    return [
        FieldError(dotted(path), message)
        for path, schema, value, _ in _fields(asunto.form, datos)
        for name in schema.get("x-avisos", ())
        if (message := _warning(name, value, now))
    ]


def instant(text: str | None) -> datetime | None:
    """A time of a checked form, if it was told."""
    return form_values.instant(text) if text else None


def calificaciones(asunto: Asunto, datos: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the classifier that the author's answers mean, one at least."""
    return tuple(datos.get("calificaciones") or (asunto.clasificador,))


def split(asunto: Asunto, datos: Mapping[str, Any]) -> Split:
    """A checked form without its identities, and the identities; `join` is the way back.

    The rule is the name: whatever a form calls `identidad` is the vault's. Parts come in the
    order of the form, whatever the order in which they were sent.
    """
    parts: list[Part] = []
    case = {
        name: _without_identities(name, datos[name], parts)
        for name in asunto.form["properties"]
        if name in datos
    }
    return Split(case, parts)


def join(case: Mapping[str, Any], parts: Sequence[Part]) -> dict[str, Any]:
    """The form as it was before `split`."""
    return _placed(case, {(each.role, each.position): dict(each.data) for each in parts})


def labelled(case: Mapping[str, Any], labels: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    """The case's form with a label where each identity was, by role and position."""
    return _placed(case, labels)


def _without_identities(role: str, group: Any, parts: list[Part]) -> Any:
    if isinstance(group, dict):
        return _without_identity(role, 1, group, parts)
    if isinstance(group, list):
        return [
            _without_identity(role, position, each, parts) if isinstance(each, dict) else each
            for position, each in enumerate(group, start=1)
        ]
    return group


def _without_identity(
    role: str, position: int, group: dict[str, Any], parts: list[Part]
) -> dict[str, Any]:
    if IDENTIDAD in group:
        parts.append(Part(role, position, group[IDENTIDAD]))
    return {name: value for name, value in group.items() if name != IDENTIDAD}


def _placed(case: Mapping[str, Any], what: Mapping[tuple[str, int], Any]) -> dict[str, Any]:
    whole = dict(case)
    for (role, position), value in what.items():
        group = whole[role]
        if isinstance(group, dict):
            whole[role] = {**group, IDENTIDAD: value}
        else:
            at = position - 1
            whole[role] = [*group[:at], {**group[at], IDENTIDAD: value}, *group[at + 1 :]]
    return whole


def _fields(
    schema: Mapping[str, Any], value: Any, path: Path = (), group: Any = None
) -> Iterator[tuple[Path, Mapping[str, Any], Any, Any]]:
    """Every value that the form knows: its path, schema, itself, and the group it is in."""
    yield path, schema, value, group
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name in known.keys() & value.keys():
            yield from _fields(known[name], value[name], (*path, name), value)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _fields(schema.get("items", {}), each, (*path, at), value)


def _backwards(asunto: Asunto, datos: Mapping[str, Any]) -> list[FieldError]:
    """Times before the one that they must follow; JSON Schema has no word for it."""
    return [
        FieldError(dotted(path), schema.get("x-mensajes", {}).get("x-no-antes-de", BACKWARDS))
        for path, schema, value, group in _fields(asunto.form, datos)
        if "x-no-antes-de" in schema and _is_before(value, group.get(schema["x-no-antes-de"]))
    ]


def _is_before(one: Any, other: Any) -> bool:
    try:
        return form_values.instant(str(one)) < form_values.instant(str(other))
    except ValueError:
        return False  # one of both is missing or wrong, and named as such


def _warning(name: str, value: Any, now: datetime) -> str | None:
    if name == "imei_luhn":
        is_whole = isinstance(value, str) and len(value) == 15 and value.isascii()
        return ODD_IMEI if is_whole and not has_right_check_digit(value) else None
    return IN_THE_FUTURE if _is_after(value, now + CLOCK_TOLERANCE) else None


def _is_after(value: Any, moment: datetime) -> bool:
    try:
        return form_values.instant(str(value)) > moment
    except ValueError:
        return False


def _in_order(asunto: Asunto, problems: Sequence[FieldError]) -> list[FieldError]:
    """One error for each field, the first; fields in the order in which they are asked."""
    first: dict[str, FieldError] = {}
    for each in problems:
        first.setdefault(each.field, each)
    asked = [name for step in asunto.form["x-pasos"] for name in step["campos"]]
    place = {name: at for at, name in enumerate(asked)}
    return sorted(first.values(), key=lambda each: place.get(each.field.split(".")[0], -1))
