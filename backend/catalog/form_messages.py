"""What a wrong form tells its author: each error at its field, in Spanish, never a library's."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from backend.catalog.form_values import dotted
from backend.errors import FieldError

Path = tuple[str | int, ...]

MISSING = "Falta este dato."
UNKNOWN = "No conocemos este dato."
OF_TYPE = {
    "string": "Debe ser texto.",
    "number": "Debe ser un número.",
    "boolean": "Responde true o false.",
    "array": "Debe ser una lista.",
    "object": "Debe ser un grupo de datos.",
}
# For what a field has no words of its own; `{limit}` is what its form says.
GENERIC = {
    "oneOf": "Elige una opción de la lista.",
    "enum": "Elige una opción de la lista.",
    "const": "Este formulario es de otro asunto.",
    "minLength": "Escribe un poco más.",
    "maxLength": "Escribe hasta {limit} letras.",
    "pattern": "Revisa este dato.",
    "format": "Revisa este dato.",
    "minimum": "Debe ser {limit} o más.",
    "maximum": "Debe ser {limit} o menos.",
    "exclusiveMinimum": "Debe ser mayor que {limit}.",
    "minItems": "Agrega al menos uno.",
    "maxItems": "Puedes poner hasta {limit}.",
    "uniqueItems": "Hay datos repetidos.",
    "minProperties": "Completa este dato o quítalo.",
    "anyOf": "Completa este dato.",
}


def told(error: ValidationError) -> Iterator[FieldError]:
    """One error of the schema as the fields that somebody can correct."""
    path: Path = tuple(error.absolute_path)
    sent: Any = error.instance
    schema: Any = error.schema
    limit: Any = error.validator_value
    match error.validator:
        case "required":
            for name in limit:
                if name not in sent:
                    yield from _missing(path, name, schema)
        case "dependentRequired":
            for name, others in limit.items():
                for other in others:
                    if name in sent and other not in sent:
                        yield from _missing(path, other, schema)
        case "additionalProperties":
            for name in sent:
                if name not in schema["properties"]:
                    yield FieldError(dotted((*path, name)), UNKNOWN)
        case "anyOf":  # of fields of which one must be there
            yield FieldError(dotted((*path, limit[0]["required"][0])), _message(schema, "anyOf"))
        case "type":
            yield FieldError(dotted(path), OF_TYPE[limit])
        case keyword:
            yield FieldError(dotted(path), _message(schema, str(keyword)))


def _missing(path: Path, name: str, schema: Mapping[str, Any]) -> Iterator[FieldError]:
    """A missing group is told as the fields in it that must be there."""
    own = schema.get("properties", {}).get(name, {})
    inner = own.get("required", ()) if own.get("type") == "object" else ()
    for each in inner:
        yield from _missing((*path, name), each, own)
    if not inner:
        # What only sometimes is needed says so where it is asked, in `then`.
        words = own.get("x-mensajes", {}) or schema.get("x-mensajes", {})
        yield FieldError(dotted((*path, name)), words.get("required", MISSING))


def _message(schema: Mapping[str, Any], keyword: str) -> str:
    words = schema.get("x-mensajes", {}).get(keyword) or GENERIC[keyword]
    return str(words).format(limit=schema.get(keyword))
