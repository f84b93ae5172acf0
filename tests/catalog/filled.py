"""Filled forms made up from their schemas: what a person could send, for any asunto.

Also whoever fuzzes the routes that take a form draws from here.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from h3 import latlng_to_cell
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend.catalog.form_values import normal
from backend.catalog.models import Asunto

LIMA = timezone(timedelta(hours=-5))
# Hypothesis adds the zone to its bounds by itself.
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2026, 1, 1)  # noqa: DTZ001
MANY = 3
IN_CALLAO = (-12.06, -77.12)
# Letters of any language, without those that no form takes.
READABLE = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))

FORMATS = {
    "date-time": st.datetimes(EARLIEST, LATEST, timezones=st.sampled_from([LIMA, UTC])).map(
        lambda instant: instant.isoformat(timespec="seconds")
    ),
    "email": st.from_regex(r"[a-z]{1,12}[0-9]{0,3}@[a-z]{2,8}\.pe", fullmatch=True),
    "celda-h3": st.sampled_from([latlng_to_cell(*IN_CALLAO, size) for size in (6, 7, 8, 9)]),
}


def forms(asunto: Asunto) -> st.SearchStrategy[dict[str, Any]]:
    """Whole forms that nothing is wrong with."""
    return _values(asunto.form)


def anything() -> st.SearchStrategy[Any]:
    """Whatever JSON can say, and what only Python's reader of JSON lets through."""
    leaves = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400)
    ) | st.sampled_from(["\x00", "\ud800", "a\x1b[0m", "+51", "2026-01-01T00:00:00", "identidad"])
    return st.recursive(
        leaves, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=12
    )


@st.composite
def spoiled(draw: st.DrawFn, asunto: Asunto) -> Any:
    """A form with something changed, left out or added, anywhere in it."""
    form = draw(forms(asunto))
    for _ in range(draw(st.integers(1, 3))):
        group: Any = form
        while True:
            places = list(group) if isinstance(group, dict) else list(range(len(group)))
            if not places:
                break
            at = draw(st.sampled_from(places))
            if not isinstance(group[at], (dict, list)) or draw(st.booleans()):
                break
            group = group[at]
        _spoil(draw, group)
    return form


def _spoil(draw: st.DrawFn, group: Any) -> None:
    places = list(group) if isinstance(group, dict) else list(range(len(group)))
    if isinstance(group, list) or draw(st.booleans()):
        if places and draw(st.booleans()):
            group[draw(st.sampled_from(places))] = draw(anything())
        elif isinstance(group, list):
            group.append(draw(anything()))
    elif places and draw(st.booleans()):
        del group[draw(st.sampled_from(places))]
    else:
        group[draw(st.text(max_size=60))] = draw(anything())


def _values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "const" in schema:
        return st.just(schema["const"])
    if "oneOf" in schema:
        return st.sampled_from([each["const"] for each in schema["oneOf"]])
    return {
        "object": _objects,
        "array": _arrays,
        "string": _strings,
        "number": _numbers,
        "boolean": lambda _: st.booleans(),
    }[schema["type"]](schema)


def _strings(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "format" in schema:
        return FORMATS[schema["format"]]
    least, most = schema.get("minLength", 1), schema.get("maxLength", 40)
    if "pattern" in schema:
        inner = schema["pattern"].removeprefix("^").removesuffix("$")
        inner = inner.removesuffix("+") + f"{{{least},{most}}}" if inner.endswith("+") else inner
        return st.from_regex(inner, fullmatch=True).filter(str.isascii)
    texts = st.text(READABLE, min_size=least, max_size=min(most, least + 40)).map(
        lambda text: unicodedata.normalize("NFC", text)
    )
    return texts.filter(lambda text: least <= len(normal(schema, text)) <= most)


def _numbers(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    numbers = st.floats(low, schema["maximum"], exclude_min="exclusiveMinimum" in schema)
    return numbers | st.integers(int(low) + 1, min(int(schema["maximum"]), 10**6))


def _arrays(schema: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(
        _values(schema["items"]),
        min_size=schema.get("minItems", 0),
        max_size=min(schema["maxItems"], MANY),
        unique=schema.get("uniqueItems", False),
    )


@st.composite
def _objects(draw: st.DrawFn, schema: Mapping[str, Any]) -> dict[str, Any]:
    known, required = schema["properties"], set(schema.get("required", ()))
    optional = sorted(known.keys() - required)
    chosen = required | draw(st.sets(st.sampled_from(optional)) if optional else st.just(set()))
    if not chosen and schema.get("minProperties"):
        chosen = {draw(st.sampled_from(optional))}
    found = {name: draw(_values(known[name])) for name in known if name in chosen}
    for name, others in schema.get("dependentRequired", {}).items():
        if name in found:
            found |= {each: draw(_values(known[each])) for each in others if each not in found}
    for rule in schema.get("allOf", ()):
        if Draft202012Validator(rule["if"]).is_valid(found):
            found |= _demanded(draw, rule["then"], known, found)
    for name, each in known.items():
        if name in found and "x-si" in each:
            found[each["x-si"]] = True
    return _in_time(schema, found)


def _demanded(
    draw: st.DrawFn, then: Mapping[str, Any], known: Mapping[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    """What a condition asks for, besides what is there; and anew what it narrows."""
    one_of = [] if "anyOf" not in then else draw(st.sampled_from(then["anyOf"]))["required"]
    narrowed = then.get("properties", {})
    names = {*then.get("required", ()), *one_of} - found.keys() | (narrowed.keys() & found.keys())
    return {name: draw(_values({**known[name], **narrowed.get(name, {})})) for name in names}


def _in_time(schema: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    for name, each in schema["properties"].items():
        before = each.get("x-no-antes-de")
        if before and name in found and before in found:
            pair = sorted((found[name], found[before]), key=datetime.fromisoformat)
            found[before], found[name] = pair
    return found


def leaves(value: Any) -> list[Any]:
    """Every single value of a form."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def words_of(schema: Any) -> set[str]:
    """Every message that a form has words for."""
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= set(schema.get("x-mensajes", {}).values())
        found |= {word for each in schema.values() for word in words_of(each)}
    if isinstance(schema, list):
        found |= {word for each in schema for word in words_of(each)}
    return {re.sub(r"\{limit\}", ".*", word) for word in found}
