"""Typesets a constancia as a tagged PDF; the only module that knows its page and QR codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from backend import clock, typesetting
from backend.constancia.services import read_code, read_document
from backend.qr_codes import qr_path
from backend.typesetting import day_in_words, printable

TEMPLATE = Path(__file__).parent / "data" / "constancia.typ"
CHECK_PATH = "/constancia"


def typeset(document: str, public_url: str) -> bytes:
    """The PDF of a constancia's document (`Payload.text`); the same bytes each time."""
    text, content, _ = read_document(document)
    code = read_code(text)
    if code is None:
        raise ValueError("the document's code cannot be read")
    shown = {
        "contenido": printable(content),
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
    return typesetting.typeset(
        TEMPLATE,
        shown,
        issued_at=code.issued_at,
        standards=("a-3a", "ua-1"),
        documento=document,  # attached as it was signed
    )


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
    return f"{day_in_words(local)}, {local:%H:%M}"


def _qr(address: str, code: str) -> str:
    path, size = qr_path(address, code)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path d="{path}"/></svg>'
    )
