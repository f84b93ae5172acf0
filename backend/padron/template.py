"""The template that offices fill, as Excel with a sheet of help, and as CSV."""

from collections.abc import Mapping

from backend.catalog.models import Catalog
from backend.padron.columns import COLUMNS, Column
from backend.padron.spreadsheet_writer import Table, as_csv, as_xlsx

HELP_HEADER = ("Columna", "¿Obligatoria?", "Qué se escribe", "Ejemplo", "Se acepta")
HELP_WIDTHS = (22, 14, 70, 34, 70)
SHEET, HELP = "Padrón", "Ayuda"
FILE_NAME = "plantilla-padron"


def template_xlsx(catalog: Catalog) -> bytes:
    """Two sheets: the columns to fill, and what each takes."""
    return as_xlsx(_table(), _help(catalog))


def template_csv() -> bytes:
    """The header alone, for those who work with text."""
    return as_csv(_table())


def _table() -> Table:
    return Table(SHEET, [column.name for column in COLUMNS], [])


def _help(catalog: Catalog) -> Table:
    lists = lists_of(catalog)
    rows = [
        (
            column.name,
            "Sí" if column.is_required else "No",
            column.help,
            column.example,
            accepted(column, lists),
        )
        for column in COLUMNS
    ]
    return Table(HELP, HELP_HEADER, rows, widths=HELP_WIDTHS)


def accepted(column: Column, lists: Mapping[str, Mapping[str, str]]) -> str:
    """The codes and names that a column takes; empty for free text."""
    options = lists.get(column.list_name, {})
    return "; ".join(f"{code} ({name})" for code, name in options.items())


def lists_of(catalog: Catalog) -> dict[str, dict[str, str]]:
    """Every list that a column may refer to: codes with their names."""
    tables = catalog.juntas
    named = {
        "ambitos": tables.ambitos,
        "cargos": tables.cargos,
        "designaciones": tables.designaciones,
    }
    lists = {
        name: {code: option.nombre for code, option in options.items()}
        for name, options in named.items()
    }
    lists["sexo"] = {"mujer": "o F, femenino", "hombre": "o H, masculino, varón"}
    lists["documentos"] = {"DNI": "documento nacional de identidad", "CE": "carné de extranjería"}
    return lists
