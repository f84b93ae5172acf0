"""Single values of a form: what cannot be read, how each is spelled, what is well formed."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import h3
from email_validator import validate_email
from jsonschema import FormatChecker

from backend.errors import FieldError

MAX_DEPTH = 8
MAX_VALUES = 1500
# Beyond this a number is not the same in every language that reads it.
MAX_WHOLE_NUMBER = 2**53
LONGEST_NAME_SHOWN = 40
CELL_RESOLUTIONS = range(6, 10)
# A clock may be years off; nearer the ends of the calendar a stored time cannot be read back.
YEARS = range(1900, 2200)
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
COUNTRY_CODE = re.compile(r"(\+|00)?51(?=9[0-9]{8}$)")
FORMATS = FormatChecker(formats=())

TOO_MUCH = "Son demasiados datos: envía solo lo que pide el formulario."
TOO_DEEP = "No conocemos este dato."
UNREADABLE = "Quita los símbolos que no se pueden leer."
IMPOSSIBLE_NUMBER = "Ese número no es posible."


def unreadable(datos: Any) -> list[FieldError]:
    """What no form could take, wherever it is: found before anything else looks at it."""
    problems: list[FieldError] = []
    for count, (path, value) in enumerate(_values(datos)):
        if count == MAX_VALUES:
            return [FieldError("datos", TOO_MUCH)]
        message = _unreadable(value)
        if message or len(path) > MAX_DEPTH:
            problems.append(FieldError(dotted(path[:MAX_DEPTH]), message or TOO_DEEP))
    return problems


def _values(datos: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value with its path, never deeper than one step past what is allowed."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), datos)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if len(path) > MAX_DEPTH:
            continue
        if isinstance(value, dict):
            stack += [((*path, key), each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            stack += [((*path, at), value[at]) for at in range(len(value) - 1, -1, -1)]


def _unreadable(value: Any) -> str | None:
    if isinstance(value, str) and any(map(_is_unreadable, value)):
        return UNREADABLE
    if isinstance(value, float) and not math.isfinite(value):
        return IMPOSSIBLE_NUMBER
    if isinstance(value, (int, float)) and abs(value) > MAX_WHOLE_NUMBER:
        return IMPOSSIBLE_NUMBER
    return None


def _is_unreadable(symbol: str) -> bool:
    """NUL and halves of symbols cannot be stored; other controls confuse whoever reads."""
    return (symbol < " " and symbol not in "\n\r\t") or "\ud800" <= symbol <= "\udfff"


def dotted(path: tuple[str | int, ...]) -> str:
    """`celulares.0.imei`; a name that somebody made up is shown short and readable."""
    return ".".join(_shown(step) for step in path) or "datos"


def _shown(step: str | int) -> str:
    letters = str(step)[:LONGEST_NAME_SHOWN] or "?"
    return "".join(each if each.isprintable() else "?" for each in letters)


def normal(schema: Mapping[str, Any], value: Any) -> Any:
    """`value` as it is kept: trimmed, composed, codes in one spelling, without empty fields.

    What does not fit the form stays as it is, for the check to name.
    """
    if isinstance(value, str):
        return _normal_text(schema, value)
    # No deeper than the form itself: what it does not know may be nested without end.
    if isinstance(value, dict) and "properties" in schema:
        return _normal_object(schema, value)
    if isinstance(value, list) and "items" in schema:
        return [normal(schema["items"], each) for each in value]
    return value


def _normal_object(schema: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    known, required = schema["properties"], schema.get("required", ())
    found = {key: normal(known.get(key, {}), each) for key, each in value.items()}
    return {
        key: each
        for key, each in found.items()
        if each not in (None, "")
        and (each not in ({}, []) or key in required)
        and _is_asked(known.get(key, {}), found)
    }


def _is_asked(field: Mapping[str, Any], beside: Mapping[str, Any]) -> bool:
    """What is only asked beside a yes (`x-si`) answers nothing without it, and is not kept."""
    return "x-si" not in field or beside.get(field["x-si"]) is True


def _normal_text(schema: Mapping[str, Any], text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    spelling = SPELLINGS.get(schema.get("x-normal", ""))
    if spelling:
        return spelling(text)
    if schema.get("x-campo") == "texto_largo":
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return " ".join(text.split())


def _code(text: str) -> str:
    """A document, plate or IMEI however somebody spaces it: `abc-123` is `ABC123`."""
    return re.sub(r"[\s.\-–/]", "", text).upper()


def _mobile(text: str) -> str:
    """A mobile number however somebody writes it: `+51 987-654-321` is `987654321`."""
    return COUNTRY_CODE.sub("", re.sub(r"[\s.\-–()]", "", text), count=1)


SPELLINGS: Mapping[str, Callable[[str], str]] = {"codigo": _code, "celular": _mobile}


def instant(text: str) -> datetime:
    """A time with its offset, of a year that can be; raises `ValueError`."""
    if not RFC_3339.fullmatch(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return found


def has_right_check_digit(imei: str) -> bool:
    """The Luhn sum of an IMEI.

    Thousands of sold phones carry a wrong one (domain.md §2.3): warn, never refuse.
    """
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(imei))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(instant(value))


@FORMATS.checks("email", raises=ValueError)
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or bool(validate_email(value, check_deliverability=False))


@FORMATS.checks("celda-h3", raises=ValueError)
def _is_cell(value: object) -> bool:
    return not isinstance(value, str) or (
        h3.is_valid_cell(value) and h3.get_resolution(value) in CELL_RESOLUTIONS
    )
