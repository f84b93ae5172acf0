"""`/api/docs`: the description of the API as a page to read, made by ourselves, without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template

METHODS = ("get", "post")
PLACES = {"path": "dirección", "query": "consulta", "header": "cabecera"}
CREDENTIALS = {
    "dispositivo": "Bearer: el token de POST /dispositivos",
    "acceso": "Bearer: el acceso de POST /seguimiento",
    "junta": "Bearer: el acceso de POST /junta/sesion",
}
ANSWERS = {
    "200": "Bien",
    "201": "Creado",
    "204": "Hecho",
    "304": "No ha cambiado",
    "400": "No se entiende el envío",
    "401": "Falta la credencial, o venció",
    "403": "El acceso de la junta terminó: la respuesta dice por qué",
    "404": "No se encontró",
    "409": "Ya no es posible",
    "413": "Demasiado grande",
    "415": "No es JSON ni formulario",
    "422": "Hay datos por corregir",
    "429": "Demasiados envíos: espera lo que dice Retry-After",
    "500": "Algo falló de nuestro lado",
    "507": "No hay espacio para fotos: envía sin foto",
}

blueprint = Blueprint("docs", __name__, template_folder="templates")


@dataclass(frozen=True)
class Field:
    """One row of a table: a parameter, or a field of what is sent or answered."""

    name: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True)
class Call:
    """One call, ready to be read."""

    method: str
    path: str
    summary: str
    words: str
    credential: str
    parameters: list[Field]
    sent: dict[str, list[Field]]
    answered: list[Field]
    answers: list[tuple[str, str]]

    @property
    def anchor(self) -> str:
        letters = "".join(symbol if symbol.isalnum() else "-" for symbol in self.path)
        return f"{self.method.lower()}{letters}"


@blueprint.get("/api/docs")
def read() -> str:
    """Every call of the API, by subject."""
    document: dict[str, Any] = current_app.extensions["yo_alerto_api"].spec.to_dict()
    groups = [
        (tag["description"], list(_calls(document, tag["name"])))
        for tag in document.get("tags", [])
    ]
    return render_template("documentacion.html", info=document["info"], grupos=groups)


def _calls(document: dict[str, Any], tag: str) -> Iterator[Call]:
    for path, operations in document["paths"].items():
        for method in METHODS:
            operation = operations.get(method)
            if operation is not None and tag in operation["tags"]:
                shared = operations.get("parameters", [])
                yield _call(document, method.upper(), path, operation, shared)


def _call(
    document: dict[str, Any], method: str, path: str, operation: dict[str, Any], shared: list[Any]
) -> Call:
    bodies = operation.get("requestBody", {}).get("content", {})
    good: dict[str, Any] = next(
        (one for code, one in _sorted(operation["responses"]) if code < "300"), {}
    )
    answered = good.get("content", {}).get("application/json", {}).get("schema", {})
    names = [name for scheme in operation.get("security", []) for name in scheme]
    return Call(
        method,
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        "; ".join(CREDENTIALS[name] for name in names),
        [_parameter(one) for one in (*shared, *operation.get("parameters", []))],
        {kind: list(_fields(document, body["schema"])) for kind, body in bodies.items()},
        list(_fields(document, answered)),
        [(code, ANSWERS.get(code, "")) for code, _ in _sorted(operation["responses"])],
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    words = [PLACES[parameter["in"]], parameter.get("description", "")]
    return Field(
        parameter["name"],
        _kind(parameter["schema"]),
        parameter.get("required", False),
        ". ".join(filter(None, words)),
    )


def _fields(document: dict[str, Any], schema: dict[str, Any], path: str = "") -> Iterator[Field]:
    """Every field of an object, those within objects and lists under their path."""
    schema = _resolved(document, schema)
    required = schema.get("required", [])
    for name, found in schema.get("properties", {}).items():
        inner = _resolved(document, found)
        kind, words = _kind(inner), found.get("description", inner.get("description", ""))
        yield Field(path + name, kind, name in required, words)
        if inner.get("type") == "array":
            yield from _fields(document, inner["items"], f"{path}{name}[].")
        else:
            yield from _fields(document, inner, f"{path}{name}.")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference, or a nullable wrapper around one, stands for."""
    for wrapper in ("allOf", "anyOf", "oneOf"):
        if wrapper in schema:
            schema = next((one for one in schema[wrapper] if "$ref" in one), schema)
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"].get(name, schema)
    return found


def _kind(schema: dict[str, Any]) -> str:
    choices = schema.get("enum")
    if choices:
        return " | ".join(str(one) for one in choices if one is not None)
    return " ".join(filter(None, (schema.get("type", "object"), schema.get("format"))))


def _sorted(responses: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted((str(code), answer) for code, answer in responses.items())
