"""One cell of a roster: words, days, choices and documents as offices write them.

Pure; `rows` calls it. A message says what to do and never repeats what stands in the cell.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from backend.boards.models import Sex
from backend.catalog.juntas import Opcion
from backend.padron.columns import bare
from backend.padron.spreadsheet_client import Cell, Formula, Sheet

# Also the signs of old programs, without those that part words.
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
FORMULA_SIGNS = ("=", "+", "-", "@")
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")
DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
IN_WORDS = re.compile(r"(\d{1,2})(?: de)? ([a-z]+)(?: del?)? (\d{4})")
HOUR = re.compile(r"[t ]0{1,2}:00(:00)?(\.0+)?$")
SHORT_YEAR = re.compile(r"\d{1,2}[/.\- ]\w{2,10}[/.\- ]\d{2}")
DOCUMENTS = {"dni": ("dni", "documento nacional de identidad", "d n i", "libreta electoral")}
DOCUMENTS["ce"] = ("ce", "c e", "carne de extranjeria", "carnet de extranjeria")
SEXES = {
    Sex.MUJER: ("mujer", "f", "femenino", "femenina"),
    Sex.HOMBRE: ("hombre", "h", "masculino", "masculina", "varon"),
}
LOST_ZERO = 7  # digits of a DNI that was kept as a number


class Wrong(ValueError):
    """What is wrong with a cell, in words for the officer."""


def words(cell: Cell | None) -> str:
    """What the cell says as text, without what cannot be seen; empty for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        raise Wrong(_formula_words(cell))
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    text = " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", str(cell))).split())
    # As our own files, and people, keep a coordinate from being taken for a formula.
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


def undated_words(cell: Cell | None) -> str:
    """Text that is no day: spreadsheets make one of «2 de mayo» and of «1-2026»."""
    if isinstance(cell, date):
        raise Wrong(
            "La hoja de cálculo lo tomó por una fecha: escríbalo como texto, con un apóstrofo "
            "delante."
        )
    return words(cell)


def free_words(cell: Cell | None) -> str:
    """Text that comes back in lists and files: what a spreadsheet would compute is refused."""
    text = undated_words(cell)
    if text.startswith(FORMULA_SIGNS):
        raise Wrong("Empieza con un signo que las hojas de cálculo toman por fórmula: quítelo.")
    return text


def day(cell: Cell | None, sheet: Sheet) -> date | None:
    """The day of a date, of a number that lost its format, or of text; None when empty."""
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float):
        found = sheet.day_numbered(cell)
        if found is None:
            raise Wrong(_DAY)
        return found
    text = words(cell).lower()
    return _day_in(text) if text else None


_DAY = "No es una fecha que exista. Escríbala como día/mes/año, por ejemplo 12/03/2026."


def _day_in(text: str) -> date:
    text = HOUR.sub("", text)
    if SHORT_YEAR.fullmatch(text):
        raise Wrong("Escriba el año con cuatro cifras, por ejemplo 12/03/2026.")
    if found := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    elif found := YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := IN_WORDS.fullmatch(bare(text)):
        day, month, year = int(found[1]), _month(found[2]), int(found[3])
    else:
        raise Wrong(_DAY)
    try:
        return date(year, month, day)
    except ValueError:
        raise Wrong(_DAY) from None


def _month(word: str) -> int:
    short = "set" if word.startswith("sep") else word[:3]
    if short not in MONTHS:
        raise Wrong(_DAY)
    return MONTHS.index(short) + 1


def choice(cell: Cell | None, options: Mapping[str, str]) -> str:
    """The code of a list that is meant, by `options_of`."""
    text = bare(words(cell))
    if not text:
        raise Wrong("Falta: elija uno de la lista de la hoja «Ayuda».")
    code = options.get(text) or options.get(_without_article(text))
    if code is None:
        raise Wrong("No está en la lista: use uno de los nombres de la hoja «Ayuda».")
    return code


def options_of(choices: Mapping[str, Opcion]) -> dict[str, str]:
    """How a list's choices may be written: by code, by name, by either form of the name."""
    found: dict[str, str] = {}
    for code, option in choices.items():
        name = bare(option.nombre)
        # "Coordinador o coordinadora"
        for form in (code, name, *name.split(" o "), _without_article(name)):
            found.setdefault(bare(form), code)
    return found


def sex(cell: Cell | None) -> str:
    """Woman or man; a lone M is either, in Spanish."""
    text = bare(words(cell))
    if text == "m":
        raise Wrong("La M sola puede ser mujer o masculino: escriba «mujer» u «hombre».")
    return _meant(text, SEXES.items(), "Escriba «mujer» u «hombre».")


def document_kind(cell: Cell | None) -> str:
    """The kind of document; DNI where nothing is said."""
    return _meant(bare(words(cell)) or "dni", DOCUMENTS.items(), "Escriba DNI o CE.")


def document_number(cell: Cell | None, kind: str) -> tuple[str, bool]:
    """The number, and whether a zero was given back that a spreadsheet had taken for nothing.

    Only of a number, for which Excel drops zeros, and only one: text says what somebody typed.
    """
    text = words(cell)
    is_number = isinstance(cell, int) and not isinstance(cell, bool)
    if kind == "dni" and is_number and len(text) == LOST_ZERO:
        return f"0{text}", True
    return text, False


def _meant(text: str, meanings: Iterable[tuple[str, tuple[str, ...]]], message: str) -> str:
    for code, forms in meanings:
        if text in forms:
            return str(code)
    raise Wrong(message)


def _without_article(text: str) -> str:
    return re.sub(r"^(el|la|los|las|por el|por la) ", "", text)


def _formula_words(cell: Formula) -> str:
    if cell.is_error:
        return "La celda dice un error o no es un texto, número ni fecha: escriba el valor."
    return "Es una fórmula, y no se calculan: escriba el valor."


def as_day(text: str) -> date:
    """A day as a checked row keeps it."""
    return datetime.fromisoformat(text).date()
