"""Typesets a constancia as a tagged PDF; the only module that knows Typst and QR codes."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from backend import clock
from backend.constancia.services import read_code, read_document

DATA = Path(__file__).parent / "data"
FONTS = DATA / "fonts"
CHECK_PATH = "/constancia"
# Longer runs of letters may be broken anywhere, or they would leave the page.
LONGEST_WORD = 30
BREAK = "\u200b"
MISSING = "\ufffd"
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def typeset(document: str, public_url: str) -> bytes:
    """The PDF of a constancia's document (`Payload.text`); the same bytes each time."""
    text, content, _ = read_document(document)
    code = read_code(text)
    if code is None:
        raise ValueError("the document's code cannot be read")
    shown = {
        "contenido": _printable(content),
        "codigo": " ".join(text[start : start + 5] for start in range(0, len(text), 5)),
        "qr": _qr(f"{public_url.rstrip('/')}{CHECK_PATH}#", text),
        "direccion": f"{public_url.rstrip('/')}{CHECK_PATH}",
        "recibido": _instant_words(content["recibido_en"]),
        "desde": _instant_words(content["ocurrio"]["desde"]),
        "hasta": _instant_words(content["ocurrio"]["hasta"]),
        "personas": _persons_words(content["personas"]),
        "emitido": _instant_words(code.issued_at.isoformat()),
        "llave": code.key_version,
    }
    compiler = typst.Compiler(
        str(DATA / "constancia.typ"),
        root=str(DATA),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        # Data are data: the template parses them as JSON and never as markup.
        sys_inputs={"datos": json.dumps(shown), "documento": document},
    )
    made = compiler.compile(
        format="pdf",
        # Archives want PDF/A, screen readers PDF/UA; together they allow the attachment.
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(code.issued_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@cache
def _known_letters() -> frozenset[int]:
    """What every font of ours can draw: PDF/UA forbids to print a letter that is missing."""
    return frozenset(set.intersection(*map(_letters_of, sorted(FONTS.glob("*.ttf")))))


def _letters_of(font: Path) -> set[int]:
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())


def _printable(value: Any) -> Any:
    """The same with a mark for each letter that cannot be drawn; the attachment keeps them all."""
    if isinstance(value, str):
        return _printable_text(value)
    if isinstance(value, Mapping):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_printable(one) for one in value]
    return value


def _printable_text(text: str) -> str:
    drawn = []
    run = 0
    for letter in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")):
        # Invisible letters might turn around what stands on the page.
        if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf"):
            continue
        run = 0 if letter.isspace() else run + 1
        if run > LONGEST_WORD:
            drawn.append(BREAK)
            run = 1
        is_known = letter == "\n" or ord(letter) in _known_letters()
        drawn.append(letter if is_known else MISSING)
    return "".join(drawn)


# One, and several.
ROLE_WORDS = {
    "denunciante": ("denunciante", "denunciantes"),
    "agraviados": ("otra persona agraviada", "otras personas agraviadas"),
    "implicados": ("persona señalada", "personas señaladas"),
    "testigos": ("testigo", "testigos"),
}


def _persons_words(persons: Sequence[Mapping[str, Any]]) -> str:
    counted = (
        f"{one['cuantas']} {ROLE_WORDS[one['papel']][one['cuantas'] != 1]}" for one in persons
    )
    return " · ".join(counted)


def _instant_words(text: str | None) -> str:
    if not text:
        return ""
    instant = datetime.fromisoformat(text)
    local = clock.in_lima(instant) if instant.tzinfo else instant
    return f"{local.day} de {MONTHS[local.month - 1]} de {local.year}, {local:%H:%M}"


def _qr(address: str, code: str) -> str:
    """The QR code as one SVG path: the code in its compact mode after the address."""
    symbol = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    symbol.add_data(QRData(address.encode(), mode=MODE_8BIT_BYTE))
    symbol.add_data(QRData(code.encode(), mode=MODE_ALPHA_NUM))
    symbol.make(fit=True)
    rows = symbol.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path d="{path}"/></svg>'
    )
