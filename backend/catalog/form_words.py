"""A filled form in words, by its own schema: what panel and citizen's page show of it.

Pure: who calls says how an instant is told and what a unit's code is called.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.catalog.form_values import instant
from backend.catalog.forms import IDENTIDAD

MONEY = {"PEN": "S/", "USD": "US$", "EUR": "€"}
SOLES = "S/"
# Told elsewhere: what it is about stands in the heading, and a report has its place itself.
LEFT_OUT = frozenset({"asunto", "lugar"})

Tell = Callable[[datetime], str]
NameUnit = Callable[[str], str]


@dataclass(frozen=True)
class Line:
    """One field: its title and what was answered; `is_label`: an identity lies behind it."""

    title: str
    text: str
    is_long: bool = False
    is_label: bool = False


@dataclass(frozen=True)
class Group:
    """A person, a good, or whatever the form holds together, with a title of its own."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Block:
    """One step of the form."""

    title: str
    groups: tuple[Group, ...]


def blocks_of(
    form: Mapping[str, Any], datos: Mapping[str, Any], tell: Tell, name_unit: NameUnit
) -> list[Block]:
    """The steps of the form that have an answer, in their order; what no step names comes last."""
    say = _Speaker(tell, name_unit)
    steps = [(step["titulo"], tuple(step["campos"])) for step in form["x-pasos"]]
    named = {name for _, names in steps for name in names}
    rest = tuple(name for name in datos if name not in named)
    blocks = []
    for title, names in (*steps, ("Otros datos", rest)):
        groups = tuple(
            group
            for name in names
            if name in datos and name not in LEFT_OUT
            for group in say.groups(name, form["properties"].get(name, {}), datos[name])
        )
        if groups:
            blocks.append(Block(title, groups))
    return blocks


def identity_lines(
    form: Mapping[str, Any], role: str, data: Mapping[str, Any], tell: Tell
) -> tuple[Line, ...]:
    """What the vault kept of one place of the form, with the form's own titles."""
    return _Speaker(tell, str).lines(_identity_schema(form, role), data)


def _identity_schema(form: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    if role == "lugar":
        found = form["properties"].get("hecho", {}).get("properties", {}).get("lugar", {})
    else:
        group = form["properties"].get(role, {})
        found = group.get("items", group).get("properties", {}).get(IDENTIDAD, {})
    return dict(found)


@dataclass(frozen=True)
class _Speaker:
    tell: Tell
    name_unit: NameUnit

    def groups(self, name: str, schema: Mapping[str, Any], value: Any) -> Iterator[Group]:
        """One group for an object, one for each of a list of them, one for anything simple."""
        title = schema.get("title") or name
        if isinstance(value, dict):
            yield Group(title, self.lines(schema, value))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            item = schema.get("items", {})
            one = item.get("title") or title
            for number, each in enumerate(value, start=1):
                heading = one if len(value) == 1 else f"{one} {number}"
                yield Group(heading, self.lines(item, each))
        elif line := self.line(name, schema, value, {}):
            yield Group("", (line,))

    def lines(self, schema: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[Line, ...]:
        """In the order of the form; what an older form asked and this one does not, last."""
        known = schema.get("properties", {})
        names = [name for name in (*known, *values) if name in values]
        found = (
            self.line(name, known.get(name, {}), values[name], values)
            for name in dict.fromkeys(names)
            if name not in LEFT_OUT
        )
        return tuple(line for line in found if line is not None)

    def line(
        self, name: str, schema: Mapping[str, Any], value: Any, beside: Mapping[str, Any]
    ) -> Line | None:
        if value in (None, "", []) or (name == "moneda" and "monto" in beside):
            return None
        title = schema.get("title") or name
        if name == IDENTIDAD:
            return Line(title, str(value), is_label=True)
        is_long = schema.get("x-campo") == "texto_largo"
        return Line(title, self.words(schema, value, beside), is_long=is_long)

    def words(self, schema: Mapping[str, Any], value: Any, beside: Mapping[str, Any]) -> str:
        for choice in schema.get("oneOf", ()):
            if choice.get("const") == value:
                return str(choice.get("title", value))
        if isinstance(value, list):
            item = schema.get("items", {})
            return "; ".join(self.words(item, each, {}) for each in value)
        if isinstance(value, bool):
            return "Sí" if value else "No"
        if schema.get("x-campo") == "dinero" and isinstance(value, int | float):
            return f"{MONEY.get(beside.get('moneda', ''), SOLES)} {value:,.2f}"
        if schema.get("x-campo") == "unidad":
            return self.name_unit(str(value))
        if schema.get("format") == "date-time":
            return self._instant(str(value))
        return str(value)

    def _instant(self, text: str) -> str:
        try:
            return self.tell(instant(text))
        except ValueError:
            return text
