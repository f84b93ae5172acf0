"""Choosing one unit among 1,600 by typing a few letters; forms of the panel use it."""

from flask import render_template, request

from admin.blueprint import blueprint
from backend.errors import wrong_field
from backend.territory.models import PoliceUnit
from backend.territory.queries import bare_words, unit_coded, units_named

# Between name and code in what the list offers; nobody's code holds it.
SEPARATOR = " · "


@blueprint.get("/unidades")
def units() -> str:
    """Units whose name or code holds what is being typed, as options of a list."""
    found = units_named(request.args.get("unidad", "").split(SEPARATOR)[0])
    return render_template("panel/unit_options.html", labels=[unit_label(unit) for unit in found])


def unit_label(unit: PoliceUnit) -> str:
    """How the list offers a unit: name and code, because names repeat."""
    return f"{unit.name or unit.kind}{SEPARATOR}{unit.code}"


def unit_id_typed(text: str) -> int | None:
    """The unit that was chosen from the list, or whose code was typed; None when left empty."""
    code = text.rpartition(SEPARATOR)[2].strip()
    if not code:
        return None
    unit = unit_coded(code) or _only_one(text)
    if unit is None:
        raise wrong_field("unidad", "Escriba unas letras y elija la unidad de la lista.")
    return unit.id


def _only_one(text: str) -> PoliceUnit | None:
    """The unit meant by words that fit no other, or that are the whole name of just one."""
    found = units_named(text)
    whole = [unit for unit in found if bare_words(unit.name or "") == bare_words(text)]
    for ones in (found, whole):
        if len(ones) == 1:
            return ones[0]
    return None
