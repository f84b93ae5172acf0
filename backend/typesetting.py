"""Makes tagged PDFs with Typst from a template and data; steps that print something call it.

Data are data: a template parses them as JSON and never as markup. Only our own fonts are used, so
that a document is the same on every machine.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
# Longer runs of letters may be broken anywhere, or they would leave the page.
LONGEST_WORD = 30
BREAK = "\u200b"
MISSING = "\ufffd"
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)

# Archives want PDF/A, screen readers PDF/UA. Of PDF/A only the third part allows attachments.
Standard = Literal["a-2a", "a-3a", "ua-1"]


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    issued_at: datetime,
    standards: Sequence[Standard],
    **texts: str,
) -> bytes:
    """The PDF of a template with its data; the same bytes each time.

    The template reads `data` as JSON from `sys.inputs.datos`, and each of `texts` as it is.
    """
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(data), **texts},
    )
    made = compiler.compile(
        format="pdf", pdf_standards=list(standards), timestamp=int(issued_at.timestamp())
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made


def printable(value: Any) -> Any:
    """The same with a mark for each letter that cannot be drawn, in every text of it."""
    if isinstance(value, str):
        return _printable_text(value)
    if isinstance(value, Mapping):
        return {key: printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


def day_in_words(day: date) -> str:
    """ "21 de noviembre de 2026"."""
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


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
