"""Reads the forms of the asuntos and puts what they share in its place; the loader calls it."""

import json
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any

FOLDER = "formularios"
SHARED = "comun.json"
# Besides words, the form that refers to a shared part may only narrow how many there are.
MAY_CHANGE = frozenset({"title", "description", "minItems", "maxItems"})


def bundled(folder: Traversable, name: str) -> dict[str, Any]:
    """One form whole: every `$ref` replaced by what it names.

    Inlined rather than left to a resolver: pages walk the form without knowing references.
    Raises `ValueError` when the form or what it refers to is wrong.
    """
    shared = _document(folder, SHARED).get("$defs")
    if not isinstance(shared, dict):
        raise ValueError(f"{SHARED} has no $defs")
    whole = _inlined(_document(folder, name), shared, ())
    if not isinstance(whole, dict):
        raise ValueError("must be an object")
    return whole


def _document(folder: Traversable, name: str) -> dict[str, Any]:
    found = json.loads((folder / name).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{name} must be an object")
    return found


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
