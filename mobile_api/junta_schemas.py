"""What the junta's calls read and answer; `junta_informes` uses them."""

from marshmallow import Schema, fields, validate

from backend.informes.models import InformeKind, Source
from mobile_api.alertas import ReciboSchema
from mobile_api.junta import CentroSchema
from mobile_api.schemas import REQUIRED, DatosSchema, SpanishSchema, clean_text

MONTH = "Escribe el mes así: 2026-11."


class InformeDatosSchema(DatosSchema):
    """The `datos` of an informe: an alerta's, and who saw it."""

    procedencia = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in Source], error="Usa propia o vecino."),
        error_messages={"required": REQUIRED, "null": REQUIRED, "invalid": "Debe ser texto."},
        metadata={"description": "De quien se lo contó a la junta no se pide ni guarda nada."},
    )


class ReciboDeInformeSchema(ReciboSchema):
    """The answer to an informe that is safely stored."""

    se_sigue_por_junta = fields.Bool(
        required=True,
        metadata={"description": "Si no, se sigue solo con el número y la clave: guárdalos."},
    )


class RespuestaSchema(Schema):
    texto = fields.Str(required=True)
    escrito_el = fields.Date(required=True)


class InformeSchema(Schema):
    categoria = fields.Str(required=True)
    tipo = fields.Str(required=True, validate=validate.OneOf([one.value for one in InformeKind]))
    enviado_el = fields.Date(required=True)
    estado = fields.Str(required=True)
    texto = fields.Str(
        required=True, metadata={"description": "Qué se hizo hasta ahora, para leerlo."}
    )
    actualizado_el = fields.Date(required=True)
    logro = fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "`patrulla`, `intervencion` o `riesgo_corregido`."},
    )
    respuestas = fields.List(
        fields.Nested(RespuestaSchema),
        required=True,
        metadata={"description": "Lo que escribió la comisaría, en el orden en que lo hizo."},
    )


class InformesSchema(Schema):
    informes = fields.List(fields.Nested(InformeSchema), required=True)
    reservados = fields.Int(
        required=True,
        metadata={
            "description": "Avisos reservados de este mes: de ellos no se dice más. Cero si en "
            "este mes alguien más tuvo acceso por la junta."
        },
    )
    cursor = fields.Str(required=True, allow_none=True)


class CursorSchema(SpanishSchema):
    cursor = clean_text(300, load_default="")


class MesSchema(SpanishSchema):
    mes = fields.String(
        load_default="",
        validate=[
            validate.Regexp(r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$", error=MONTH),
            validate.Length(max=7, error=MONTH),  # "$" lets a line end by
        ],
        error_messages={"invalid": "Debe ser texto."},
        metadata={"description": "Sin él, el mes en curso.", "example": "2026-11"},
    )


class ResumenSchema(Schema):
    mes = fields.Str(required=True)
    titulo = fields.Str(required=True)
    lineas = fields.List(
        fields.Str(), required=True, metadata={"description": "Para leer en la reunión."}
    )


class TipoConfirmadoSchema(Schema):
    categoria = fields.Str(required=True)
    nombre = fields.Str(required=True)
    ya_lo_dijo = fields.Bool(required=True)


class CeldaConfirmadaSchema(Schema):
    celda = fields.Str(required=True)
    centro = fields.Nested(CentroSchema, required=True)
    borde = fields.List(
        fields.List(fields.Float()),
        required=True,
        metadata={"description": "Esquinas [lat, lon]."},
    )
    tipos = fields.List(fields.Nested(TipoConfirmadoSchema), required=True)


class ConfirmadosSchema(Schema):
    dia = fields.Date(required=True)
    celdas = fields.List(fields.Nested(CeldaConfirmadaSchema), required=True)
    aviso = fields.Str(required=True, allow_none=True)


class ConfirmacionSchema(SpanishSchema):
    """What the junta saw, too: a line of the list."""

    celda = clean_text(15, required=True)
    categoria = clean_text(60, required=True)
    dia = fields.Date(
        required=True,
        error_messages={
            "required": REQUIRED,
            "null": REQUIRED,
            "invalid": "Usa una fecha, como 2026-01-31.",
        },
    )
