"""The columns of the template, one by one: names, other words for them, and what they take.

Reading, checking, the template, exports and the documentation agree because they ask here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_ROWS = 20_000
MAX_COLUMNS = 60
# Titles, logos and merged cells stand above the header.
HEADER_ROWS = 15
# So many known words in one row make it the header.
HEADER_WORDS = 6


@dataclass(frozen=True)
class Column:
    """A column of the template; `other_words` are what offices call it, too."""

    name: str
    help: str
    example: str = ""
    is_required: bool = True
    other_words: tuple[str, ...] = ()
    list_name: str = ""  # of `catalog.juntas`, or "sexo", "documentos"


COLUMNS: tuple[Column, ...] = (
    Column(
        "comisaria",
        "Solo la llena quien carga el padrón de una región o división: el código de la comisaría, "
        "o su nombre tal como está en el sistema. Quien carga el de su propia comisaría la deja "
        "vacía.",
        is_required=False,
        other_words=("comisaria codigo", "codigo comisaria", "unidad", "cpnp"),
    ),
    Column(
        "junta_codigo",
        "El código con que su comisaría reconoce a la junta: hasta 30 letras, cifras, puntos, "
        "guiones o barras, sin espacios. Se repite en cada fila de la misma junta.",
        "JV-001",
        other_words=("codigo junta", "codigo de la junta", "codigo de junta", "junta"),
    ),
    Column(
        "junta_nombre",
        "El nombre de la junta, hasta 120 letras.",
        "Junta de la manzana B",
        other_words=("nombre junta", "nombre de la junta", "nombre de junta"),
    ),
    Column(
        "ambito",
        "Qué cubre la junta; uno de la lista.",
        "manzana",
        other_words=("ambito de la junta", "tipo de junta"),
        list_name="ambitos",
    ),
    Column(
        "area",
        "Puede quedar vacía. El contorno de lo que cubre la junta: texto WKT (POLYGON…), GeoJSON, "
        "o puntos «latitud,longitud; latitud,longitud; …». Basta en una fila de la junta.",
        "-12.0561,-77.1290; -12.0561,-77.1275; -12.0575,-77.1275; -12.0575,-77.1290",
        is_required=False,
        other_words=("poligono", "geometria", "coordenadas", "wkt"),
    ),
    Column(
        "acto",
        "El acto con que se reconoció a la junta, como está numerado, hasta 120 letras.",
        "Acta 015-2026",
        other_words=("acto de reconocimiento", "resolucion", "acta", "documento de reconocimiento"),
    ),
    Column(
        "reconocida_el",
        "El día de ese acto.",
        "05/01/2026",
        other_words=("fecha de reconocimiento", "fecha reconocimiento", "fecha del acto"),
    ),
    Column(
        "vigente_desde",
        "El primer día del periodo.",
        "10/01/2026",
        other_words=("vigencia desde", "inicio de vigencia", "inicio"),
    ),
    Column(
        "vigente_hasta",
        "El último día del periodo. Vacía: dos años menos un día desde que empieza.",
        "09/01/2028",
        is_required=False,
        other_words=("vigencia hasta", "fin de vigencia", "vencimiento"),
    ),
    Column(
        "cargo",
        "El cargo en la junta; uno de la lista.",
        "coordinador",
        other_words=("cargo en la junta",),
        list_name="cargos",
    ),
    Column("nombres", "Los nombres de pila.", "Nombres", other_words=("nombre", "prenombres")),
    Column("apellido_paterno", "El primer apellido.", "Paterno", other_words=("paterno",)),
    Column(
        "apellido_materno",
        "El segundo apellido; vacía si no tiene.",
        "Materno",
        is_required=False,
        other_words=("materno",),
    ),
    Column(
        "tipo_documento",
        "Uno de la lista; vacía quiere decir DNI.",
        "DNI",
        is_required=False,
        other_words=("tipo de documento", "tipo doc", "documento tipo"),
        list_name="documentos",
    ),
    Column(
        "numero_documento",
        "El número: ocho cifras en el DNI, de 9 a 12 letras o cifras en el carné de extranjería. "
        "Escríbalo como texto para que no se pierda el cero de adelante.",
        "00000000",
        other_words=("numero de documento", "nro documento", "n documento", "dni", "documento"),
    ),
    Column(
        "sexo",
        "mujer u hombre, como los cuenta el registro.",
        "mujer",
        other_words=("genero",),
        list_name="sexo",
    ),
    Column(
        "celular",
        "Puede quedar vacía. Nueve cifras; empieza con 9.",
        is_required=False,
        other_words=("telefono", "telefono celular", "movil"),
    ),
    Column(
        "desde",
        "El primer día de la persona en el cargo. Vacía: el primer día del periodo.",
        is_required=False,
        other_words=("miembro desde", "cargo desde"),
    ),
    Column(
        "hasta",
        "El último día de la persona en el cargo. Vacía: mientras dure la junta.",
        is_required=False,
        other_words=("miembro hasta", "cargo hasta"),
    ),
    Column(
        "designado_por",
        "Quién la designó; uno de la lista.",
        "comisario",
        other_words=("designacion", "designado", "quien designo"),
        list_name="designaciones",
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}


# Of «Nº» and «3ª»; decomposed, they would be letters.
ORDINALS = re.compile("[ºª]")


def bare(words: str) -> str:
    """The words without accents, case and marks: how headers and lists are compared."""
    plain = unicodedata.normalize("NFKD", ORDINALS.sub(" ", words))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


_KNOWN = {
    bare(words): column.name for column in COLUMNS for words in (column.name, *column.other_words)
}


def header_of(cells: Sequence[str]) -> list[str | None] | None:
    """Which column stands where, if this row is the header; None where it is not."""
    found = [_KNOWN.get(bare(cell)) for cell in cells]
    known = {name for name in found if name}
    return found if len(known) >= HEADER_WORDS else None


def repeated_in(header: Sequence[str | None]) -> list[str]:
    """Columns that stand there twice."""
    names = [name for name in header if name]
    return sorted({name for name in names if names.count(name) > 1})


def missing_in(header: Sequence[str | None]) -> list[str]:
    """Columns without which nothing can be registered."""
    return [column.name for column in COLUMNS if column.is_required and column.name not in header]


def letters(position: int) -> str:
    """The letters of a column as spreadsheets name it: 1 is A, 27 is AA."""
    named = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        named = chr(ord("A") + rest) + named
    return named
