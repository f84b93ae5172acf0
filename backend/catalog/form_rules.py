"""What a form must keep to, so that pages, panel, vault and checks can rely on it; asked at start.

A form uses a part of JSON Schema 2020-12: a keyword that nobody here has words for is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backend.catalog.form_messages import GENERIC, OF_TYPE
from backend.catalog.form_values import FORMATS, SPELLINGS
from backend.catalog.models import Asunto

Node = Mapping[str, Any]

STRUCTURE = frozenset(
    {
        *("$schema", "$comment", "title", "description", "type", "properties", "required"),
        *("items", "allOf", "if", "then", "additionalProperties", "dependentRequired"),
        *("x-pasos", "x-mensajes", "x-campo", "x-agregar", "x-normal", "x-avisos"),
        *("x-no-antes-de", "x-si"),
    }
)
KEYWORDS = STRUCTURE | set(GENERIC)
WIDGETS = frozenset(
    {"texto_largo", "fecha_hora", "lugar", "unidad", "telefono", "imei", "placa", "dinero"}
)
WARNINGS = frozenset({"imei_luhn", "fecha_futura"})
# What says who somebody is: a queja asks none of it.
OF_PERSONS = frozenset({"denunciante", "agraviados", "testigos", "reserva", "motivo_reserva"})
EXACT_PLACE = frozenset({"lat", "lon", "precision_m"})


def wrong_form(asunto: Asunto) -> Iterator[str]:
    """Every problem of the form of one asunto."""
    form = asunto.form
    if form.get("type") != "object" or not isinstance(form.get("properties"), dict):
        yield "must be an object with properties"
        return
    yield from _wrong_steps(form)
    yield from _wrong_contents(asunto)
    for path, node in _nodes(form):
        yield from (f"{'.'.join(path) or 'the form'} {each}" for each in _wrong_node(path, node))


def _wrong_steps(form: Node) -> Iterator[str]:
    steps = form.get("x-pasos")
    if not isinstance(steps, list) or not all(map(_is_step, steps)):
        yield "x-pasos must be a list of titulo, campos and, if need be, ayuda"
        return
    asked = [name for step in steps for name in step["campos"]]
    to_ask = {name for name, each in form["properties"].items() if "const" not in each}
    yield from (f"x-pasos asks {name}, which is no property" for name in {*asked} - to_ask)
    yield from (f"x-pasos never asks {name}" for name in to_ask - {*asked})
    yield from (f"x-pasos asks {name} twice" for name in {*asked} if asked.count(name) > 1)


def _is_step(step: Any) -> bool:
    if not isinstance(step, dict) or not {"titulo", "campos"} <= step.keys():
        return False
    words = [step["titulo"], step.get("ayuda", "-")]
    return (
        step.keys() <= {"titulo", "ayuda", "campos"}
        and isinstance(step["campos"], list)
        and all(isinstance(each, str) and each.strip() for each in (*words, *step["campos"]))
    )


def _wrong_contents(asunto: Asunto) -> Iterator[str]:
    known, required = asunto.form["properties"], asunto.form.get("required", ())
    hecho = known.get("hecho", {})
    lugar = hecho.get("properties", {}).get("lugar", {}).get("properties", {})
    denunciante = known.get("denunciante", {}).get("properties", {})
    for is_wrong, problem in (
        (known.get("asunto") != {"const": asunto.codigo}, "asunto must be const and its own code"),
        (not {"asunto", "hecho"} <= {*required}, "must require asunto and hecho"),
        (
            not {"relato", "lugar"} <= {*hecho.get("required", ())},
            "hecho must require relato and lugar",
        ),
        (asunto.sensible and bool(EXACT_PLACE & lugar.keys()), "asks an exact place, is sensible"),
        (asunto.is_queja and bool(OF_PERSONS & known.keys()), "a queja asks nobody's identity"),
        (
            not asunto.is_queja
            and ("denunciante" not in required or "identidad" not in denunciante),
            "a denuncia must require denunciante with its identidad",
        ),
        (
            not asunto.is_queja and asunto.reserved_by_matter == ("reserva" in known),
            "reserva is asked when the matter does not reserve the identity, and only then",
        ),
        (_offered(known) != _to_offer(asunto), "calificaciones must offer those of the asunto"),
    ):
        if is_wrong:
            yield problem


def _offered(known: Node) -> set[str]:
    items = known.get("calificaciones", {}).get("items", {})
    return {each.get("const", "") for each in items.get("oneOf", ())}


def _to_offer(asunto: Asunto) -> set[str]:
    """With a single qualification there is nothing to ask."""
    return {*asunto.calificaciones} if len(asunto.calificaciones) > 1 else set()


def _nodes(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    yield path, node
    for name, each in node.get("properties", {}).items():
        yield from _nodes(each, (*path, name))
    if isinstance(node.get("items"), dict):
        yield from _nodes(node["items"], (*path, "*"))


def _wrong_node(path: tuple[str, ...], node: Node) -> Iterator[str]:
    for name in _keywords(node):
        if name not in KEYWORDS:
            yield f"uses {name}, for which nobody has words"
    kind = node.get("type", "string")
    if kind not in OF_TYPE:
        yield f"is of type {kind}"
        return
    if path and path[-1] != "*" and "const" not in node and not node.get("title"):
        yield "has no title"
    yield from KINDS[kind](node)
    if path[-1:] == ("identidad",) and path[1:-1] not in ((), ("*",)):
        yield "is an identidad that is not right below its group"
    yield from _wrong_extras(node)


def _keywords(node: Node) -> Iterator[str]:
    """Those of the node and of what it says under a condition."""
    yield from node
    for each in node.get("allOf", ()):
        yield from each
        then = each.get("then", {})
        yield from _keywords(then)
        for own in then.get("properties", {}).values():
            yield from own


def _wrong_object(node: Node) -> Iterator[str]:
    if node.get("additionalProperties") is not False:
        yield "must refuse additionalProperties"
    if not node.get("properties"):
        yield "has no properties"
    yield from (
        f"requires {name}, which is no property"
        for name in node.get("required", ())
        if name not in node.get("properties", {})
    )
    yield from (
        f"x-no-antes-de {each['x-no-antes-de']}, which is no property"
        for each in node.get("properties", {}).values()
        if each.get("x-no-antes-de", next(iter(node["properties"]))) not in node["properties"]
    )
    yield from (
        f"x-si {each['x-si']}, which is no yes or no beside it"
        for each in node.get("properties", {}).values()
        if "x-si" in each and node["properties"].get(each["x-si"], {}).get("type") != "boolean"
    )


def _wrong_array(node: Node) -> Iterator[str]:
    if not isinstance(node.get("items"), dict) or "maxItems" not in node:
        yield "must say its items and maxItems"
    elif node["items"].get("type") == "object" and not node.get("x-agregar"):
        yield "needs the words of its button, x-agregar"


def _wrong_string(node: Node) -> Iterator[str]:
    if "const" in node:
        return
    if "oneOf" in node:
        if not all({*each} == {"const", "title"} for each in node["oneOf"]):
            yield "must list its choices as const and title"
    elif not any(each in node for each in ("maxLength", "pattern")):
        yield "has no maxLength"
    if "pattern" in node and not re.fullmatch(r"\^.*\$", node["pattern"]):
        yield "must hold its pattern between ^ and $"


def _wrong_number(node: Node) -> Iterator[str]:
    if "maximum" not in node or not {"minimum", "exclusiveMinimum"} & node.keys():
        yield "must say its smallest and its greatest"


def _wrong_boolean(_: Node) -> Iterator[str]:
    yield from ()


KINDS: Mapping[str, Callable[[Node], Iterator[str]]] = {
    "object": _wrong_object,
    "array": _wrong_array,
    "string": _wrong_string,
    "number": _wrong_number,
    "boolean": _wrong_boolean,
}


def _wrong_extras(node: Node) -> Iterator[str]:
    for name, known in (
        ("x-campo", WIDGETS),
        ("x-normal", SPELLINGS),
        ("format", FORMATS.checkers),
    ):
        if name in node and node[name] not in known:
            yield f"has an unknown {name} {node[name]}"
    for each in node.get("x-avisos", ()):
        if each not in WARNINGS:
            yield f"has an unknown warning {each}"
    for keyword in node.get("x-mensajes", {}):
        if keyword not in GENERIC and keyword not in ("required", "x-no-antes-de"):
            yield f"has words for {keyword}, which never fails"
