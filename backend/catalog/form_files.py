"""Reads the forms of the asuntos and puts what they share in its place; the loader calls it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

FOLDER = "formularios"
SHARED = "comun.json"
# Besides words, the form that refers to a shared part may only narrow how many there are.
MAY_CHANGE = frozenset({"title", "description", "minItems", "maxItems"})


def shared_parts(folder: Traversable) -> dict[str, Any]:
    """What forms refer to, by name; raises `ValueError`."""
    shared = _document(folder, SHARED).get("$defs")
    if not isinstance(shared, dict):
        raise ValueError(f"{SHARED} has no $defs")
    return shared


def bundled(folder: Traversable, name: str, shared: Mapping[str, Any]) -> dict[str, Any]:
    """One form whole: every `$ref` replaced by what it names.

    Inlined rather than left to a resolver: pages walk the form without knowing references.
    Raises `ValueError` when the form or what it refers to is wrong.
    """
    whole: dict[str, Any] = _inlined(_document(folder, name), shared, ())
    return whole


def _document(folder: Traversable, name: str) -> dict[str, Any]:
    """Checked before it is inlined: the same parts are not checked again in every form."""
    text = (folder / name).read_text(encoding="utf-8")
    place = _wrong_place(text)
    if place is not None:
        raise ValueError(f"{name} is no JSON Schema at {place}")
    found: dict[str, Any] = json.loads(text)
    return found


@lru_cache(maxsize=64)
def _wrong_place(text: str) -> str | None:
    """Where a file breaks JSON Schema; remembered, as it is by far the slowest of the loading."""
    found = json.loads(text)
    if not isinstance(found, dict):
        return "its root"
    try:
        Draft202012Validator.check_schema(found)
    except SchemaError as error:
        return error.json_path
    return None


def _inlined(node: Any, shared: Mapping[str, Any], above: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inlined(each, shared, above) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" not in node:
        return {key: _inlined(each, shared, above) for key, each in node.items()}
    own = {key: _inlined(each, shared, above) for key, each in node.items() if key != "$ref"}
    return {**_referred(node["$ref"], shared, above), **_allowed(own)}


def _referred(ref: Any, shared: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
    name = str(ref).removeprefix(SHARED).removeprefix("#/$defs/")
    if name in above:
        raise ValueError(f"{ref} refers to itself")
    if not isinstance(shared.get(name), dict):
        raise ValueError(f"{ref} is not in {SHARED}")
    found = _inlined(shared[name], shared, (*above, name))
    return dict(found)


def _allowed(own: dict[str, Any]) -> dict[str, Any]:
    for key in own:
        if key not in MAY_CHANGE and not key.startswith("x-"):
            raise ValueError(f"{key} cannot stand beside a $ref")
    return own
