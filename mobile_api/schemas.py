"""What the public API reads: shapes and limits of JSON, with errors in Spanish."""

from datetime import datetime
from typing import Any

import h3
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from backend.reports.models import MAX_DESCRIPTION, MAX_MESSAGE, PlaceSource
from backend.reports.services import Place
from backend.territory.location import MAX_ACCURACY_M

REQUIRED = "Falta este dato."
CELL_RESOLUTIONS = range(6, 10)
# A clock may be years off; nearer the ends of the calendar a stored time cannot be read back.
YEARS = range(1900, 2200)


def no_control_characters(text: str) -> None:
    """NUL and halves of symbols cannot be stored; other controls confuse whoever reads."""
    if any(_is_unreadable(symbol) for symbol in text):
        raise ValidationError("Quita los símbolos que no se pueden leer.")


def _is_unreadable(symbol: str) -> bool:
    return (symbol < " " and symbol not in "\n\r\t") or "\ud800" <= symbol <= "\udfff"


def clean_text(max_length: int, **kwargs: Any) -> fields.String:
    """A text field without control characters, up to a length."""
    too_long = f"Escribe hasta {max_length} letras."
    return fields.String(
        validate=[validate.Length(max=max_length, error=too_long), no_control_characters],
        error_messages={"invalid": "Debe ser texto.", "required": REQUIRED, "null": REQUIRED},
        **kwargs,
    )


def in_known_years(instant: datetime) -> None:
    """A wrong clock is accepted, an impossible year is not."""
    if instant.year not in YEARS:
        raise ValidationError("Revisa la fecha: ese año no es posible.")


class JsonNumber(fields.Float):
    """A number of JSON: text that looks like one is refused, as the description says."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class JsonBoolean(fields.Boolean):
    """`true` or `false`, and no number that equals one of them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def number(low: float, high: float, message: str, **kwargs: Any) -> fields.Float:
    """A finite number within bounds."""
    return JsonNumber(
        validate=validate.Range(low, high, error=message),
        error_messages={
            "invalid": message,
            "special": message,
            "too_large": message,
            "null": message,
            "required": REQUIRED,
        },
        **kwargs,
    )


class SpanishSchema(Schema):
    """A schema that refuses unknown fields, in Spanish."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012  # marshmallow declares it so
        "unknown": "No conocemos este dato.",
        "type": "Debe ser un objeto JSON.",
    }


class LugarSchema(SpanishSchema):
    """Where it is: a point, a cell, or words."""

    origen = fields.String(
        required=True,
        validate=validate.OneOf(
            [s.value for s in PlaceSource], error="Usa gps, mapa, celda o referencia."
        ),
        error_messages={"required": REQUIRED, "null": REQUIRED, "invalid": "Debe ser texto."},
    )
    lat = number(-90, 90, "La latitud debe ser un número entre -90 y 90.", allow_none=True)
    lon = number(-180, 180, "La longitud debe ser un número entre -180 y 180.", allow_none=True)
    precision_m = number(
        0, MAX_ACCURACY_M, "La precisión debe ser un número de metros desde 0.", allow_none=True
    )
    celda = clean_text(15, allow_none=True, metadata={"description": "Celda H3, resolución 6 a 9."})
    distrito = clean_text(
        80, allow_none=True, metadata={"description": "Ubigeo INEI de seis dígitos, o el nombre."}
    )
    referencia = clean_text(300, allow_none=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Each origin needs its own data."""
        source = data.get("origen")
        has_point = data.get("lat") is not None and data.get("lon") is not None
        if (data.get("lat") is None) != (data.get("lon") is None):
            raise ValidationError("Envía latitud y longitud juntas.", "lat")
        if source in ("gps", "mapa") and not has_point:
            raise ValidationError("Falta el punto: latitud y longitud.", "lat")
        if source == "celda" and not _is_cell(data.get("celda")):
            raise ValidationError("Marca una zona del mapa: la celda no es válida.", "celda")
        words = (data.get("referencia") or "") + (data.get("distrito") or "")
        if source == "referencia" and not words.strip():
            raise ValidationError("Escribe el distrito o una referencia del lugar.", "referencia")


def _is_cell(cell: str | None) -> bool:
    return bool(cell) and h3.is_valid_cell(cell) and h3.get_resolution(cell) in CELL_RESOLUTIONS


class DatosSchema(SpanishSchema):
    """The `datos` of an alerta."""

    categoria = clean_text(60, required=True)
    lugar = fields.Nested(
        LugarSchema, required=True, error_messages={"required": "Falta el lugar.", "null": REQUIRED}
    )
    ocurrido_en = fields.AwareDateTime(
        allow_none=True,
        format="iso",
        validate=in_known_years,
        error_messages={
            "invalid": "Usa una fecha y hora con zona, como 2026-01-31T18:05:00-05:00.",
            "invalid_awareness": "Agrega la zona horaria, por ejemplo -05:00.",
        },
    )
    en_curso = JsonBoolean(
        load_default=False,
        error_messages={"invalid": "Responde true o false.", "null": REQUIRED},
    )
    descripcion = clean_text(MAX_DESCRIPTION, load_default="", allow_none=True)


def some_words(text: str) -> None:
    """Blanks alone are no message."""
    if not text.strip():
        raise ValidationError("Escribe tu mensaje.")


class MensajeSchema(SpanishSchema):
    """A message from the author."""

    texto = fields.String(
        required=True,
        validate=[
            validate.Length(1, MAX_MESSAGE, error=f"Escribe de 1 a {MAX_MESSAGE} letras."),
            no_control_characters,
            some_words,
        ],
        error_messages={"required": REQUIRED, "null": REQUIRED, "invalid": "Debe ser texto."},
    )


class DisconformidadSchema(SpanishSchema):
    """Why the author does not agree with the closure."""

    motivo = clean_text(MAX_MESSAGE, load_default="", allow_none=True)


class SeguimientoSchema(SpanishSchema):
    """A number, and its clave for more than the state."""

    numero = clean_text(64, required=True)
    clave = clean_text(64, allow_none=True, load_default=None)


class PuntoSchema(SpanishSchema):
    """A point to ask about; it is not kept."""

    lat = number(-90, 90, "La latitud debe ser un número entre -90 y 90.", required=True)
    lon = number(-180, 180, "La longitud debe ser un número entre -180 y 180.", required=True)


class AtencionSchema(PuntoSchema):
    """Who would receive a report of this category from this point."""

    categoria = clean_text(60, required=True)


def place_from(lugar: dict[str, Any], ubigeo: str | None) -> Place:
    """The checked `lugar` as the journey knows it; only what its origin vouches for."""
    source = PlaceSource(lugar["origen"])
    has_point = source in (PlaceSource.GPS, PlaceSource.MAPA) or lugar.get("lat") is not None
    return Place(
        source=source,
        lat=lugar.get("lat") if has_point else None,
        lon=lugar.get("lon") if has_point else None,
        accuracy_m=lugar.get("precision_m"),
        cell=lugar.get("celda") if source is PlaceSource.CELDA else None,
        ubigeo=ubigeo,
        reference=(lugar.get("referencia") or "").strip(),
    )
