"""Checks a constancia on any computer: no server, no database, no settings.

    python -m deploy.verify_constancia constancia.pdf --keys llaves.json
    python -m deploy.verify_constancia 10017K2MQ9XD1… --keys llaves.json

Needs Python 3.11 and `cryptography`. The keys are what Yo Alerto publishes at
`/constancia/llaves.json`. Exits with 0 when the constancia is good, 1 when not, 2 when it could not
be read. The format is in docs/constancia.md.
"""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backend.clock import in_lima
from backend.constancia.models import Checked, Verdict
from backend.constancia.services import keys_from_json, read_document, verify
from deploy.console import complain, say

WORDS = {
    Verdict.GOOD: "Es auténtica: la firmó Yo Alerto.",
    Verdict.UNREADABLE: "No se puede leer: el código está incompleto o no es de una constancia.",
    Verdict.CHANGED: "No es válida: el código cambió desde que se firmó, o se copió mal.",
    Verdict.UNKNOWN_KEY: "No se puede comprobar: su llave no está en este archivo de llaves.",
    Verdict.KEY_RETIRED: "No es válida: se firmó con una llave que ya se había retirado.",
    Verdict.KEY_TOO_YOUNG: "No es válida: dice una hora en que su llave todavía no existía.",
    Verdict.OTHER_CONTENT: "No es válida: lo escrito no es lo que se firmó.",
}
EXIT_CODES = {Verdict.GOOD: 0, Verdict.UNREADABLE: 2}
# A content is a few kilobytes; nobody makes us unpack more.
MOST_BYTES = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        keys = keys_from_json(Path(asked.keys).read_text())
        code, content, salt = _read(asked.constancia)
    except (OSError, ValueError) as error:
        complain(f"No se pudo leer: {error}")
        return 2
    found = verify(code, keys, content, salt)
    say(WORDS[found.verdict])
    _tell(found, content)
    return EXIT_CODES.get(found.verdict, 1)


def document_in(pdf: bytes) -> str:
    """The one document attached to a PDF, however it was saved since; raises `ValueError`."""
    found = set(_documents(pdf))
    if len(found) != 1:
        raise ValueError(f"este PDF trae {len(found)} constancias adjuntas y debe traer una")
    return found.pop().decode()


def _documents(pdf: bytes) -> Iterator[bytes]:
    for begin in re.finditer(rb"stream\r?\n", pdf):
        raw = pdf[begin.end() : begin.end() + MOST_BYTES]
        try:
            data = zlib.decompressobj().decompress(raw, MOST_BYTES)
        except zlib.error:
            data = raw.partition(b"endstream")[0].strip()
        if data.startswith(b'{"codigo":'):
            yield data


def _read(given: str) -> tuple[str, Mapping[str, Any] | None, bytes | None]:
    """Code, and content and salt where they are at hand, of a file or of a typed code."""
    try:
        data = Path(given).read_bytes()
    except (OSError, ValueError):
        return given, None, None
    if data.startswith(b"%PDF"):
        return read_document(document_in(data))
    text = data.decode()
    return read_document(text) if text.lstrip().startswith("{") else (text, None, None)


def _tell(found: Checked, content: Mapping[str, Any] | None) -> None:
    if found.numero and found.issued_at:
        say(f"  Número:   {found.numero}")
        when = in_lima(found.issued_at)
        say(f"  Firmada:  {when:%d/%m/%Y %H:%M:%S} (hora de Lima), llave {found.key_version}")
    if found.verdict is not Verdict.GOOD:
        return
    if content is None:
        say("Se comprobó solo el código. Mira que el número y la hora sean los de la hoja;")
        say("con el archivo PDF se comprueba también lo escrito.")
        return
    say("Esto es lo que se firmó; compáralo con la hoja:")
    for line in _lines(content):
        say(f"  {line}")


def _lines(value: Any, name: str = "") -> Iterator[str]:
    """A content as lines, a name before each value; control letters are shown, not obeyed."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _lines(one, f"{name} {key}".strip())
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _lines(one, f"{name} {number}")
    elif value is not None:
        shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(value))
        yield f"{name}: {shown}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Comprueba una constancia de Yo Alerto.")
    parser.add_argument("constancia", help="el PDF, su archivo constancia.json o el código")
    parser.add_argument("--keys", required=True, help="el archivo llaves.json publicado")
    return parser


if __name__ == "__main__":
    sys.exit(main())
