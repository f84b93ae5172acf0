"""What a form or a file may say of a junta, a term or a person; every refusal says what to do.

Pure: nothing here asks the database. Columns of a person are `vault.models.MEMBER_FIELDS`.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import MAXYEAR, date, timedelta

from backend.boards.models import MAX_ACT, MAX_NAME, TERM_YEARS
from backend.catalog.models import Catalog
from backend.errors import FieldError, InvalidInput
from backend.vault.models import MEMBER_FIELDS

CODE = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,29}")
OLDEST = date(1993, 1, 1)  # nobody's recognition is older; earlier days are typing errors
FURTHEST_DAYS = 366  # a term that begins later is a typing error, too
LONGEST_YEARS = 4
DOCUMENT_KINDS = ("dni", "ce")
DNI_DIGITS = 8
CE = re.compile(r"[A-Z0-9]{9,12}")
CELULAR = re.compile(r"9[0-9]{8}")
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'\u2019-])*")
MAX_PERSON_NAME = 60
NAMES = {
    "nombres": "los nombres",
    "apellido_paterno": "el apellido paterno",
    "apellido_materno": "el apellido materno",
}


def clean_code(code: str) -> str:
    """The code as it is kept, however it was typed."""
    return re.sub(r"\s+", "", code).upper()


def two_years(valid_from: date) -> date:
    """The last day of a term that begins then; of one past all calendars, the last there is."""
    if valid_from.year + TERM_YEARS > MAXYEAR:
        return date.max  # a typing error, of which `wrong_term` tells
    try:
        return valid_from.replace(year=valid_from.year + TERM_YEARS) - timedelta(days=1)
    except ValueError:  # the 29th of February
        return date(valid_from.year + TERM_YEARS, 2, 28)


def wrong_junta(catalog: Catalog, code: str, name: str, scope: str) -> list[FieldError]:
    """What is wrong with a junta's own fields, in words for forms and imports."""
    errors = []
    if not CODE.fullmatch(code):
        message = "Escriba el código con letras y cifras, sin tildes; puede llevar - . o /."
        errors.append(FieldError("codigo", f"{message} Hasta 30."))
    if not 1 <= len(name.strip()) <= MAX_NAME:
        errors.append(FieldError("nombre", f"Escriba el nombre, hasta {MAX_NAME} letras."))
    if scope not in catalog.juntas.ambitos:
        errors.append(FieldError("ambito", "Elija el ámbito de la lista."))
    return errors


def wrong_term(
    act: str, recognised_on: date, valid_from: date, valid_until: date, on: date
) -> list[FieldError]:
    """What is wrong with a term, in words for forms and imports."""
    errors = []
    if not 1 <= len(act.strip()) <= MAX_ACT:
        message = f"Escriba el acto de reconocimiento, hasta {MAX_ACT} letras."
        errors.append(FieldError("acto", message))
    if not OLDEST <= recognised_on <= on:
        message = "El reconocimiento tiene fecha de hoy o de antes: revise el año."
        errors.append(FieldError("reconocida", message))
    if not OLDEST <= valid_from <= on + timedelta(days=FURTHEST_DAYS):
        errors.append(FieldError("desde", "Revise el año en que empieza el periodo."))
    if valid_until < valid_from:
        errors.append(FieldError("hasta", "El periodo termina antes de empezar."))
    elif valid_until < on:
        errors.append(FieldError("hasta", "Ese periodo ya terminó: escriba el vigente."))
    elif valid_until.year - valid_from.year > LONGEST_YEARS:
        errors.append(FieldError("hasta", "El periodo es muy largo: revise el año en que termina."))
    return errors


def refuse_wrong(*errors: FieldError) -> None:
    """Raise `InvalidInput` when there is anything to correct."""
    if errors:
        raise InvalidInput("Revise lo marcado.", errors)


def clean_identity(identity: Mapping[str, str]) -> dict[str, str]:
    """Who somebody is, as it is kept: what typing adds by habit is taken away."""
    typed = {field: _tidy(identity.get(field) or "") for field in MEMBER_FIELDS}
    kind = typed["tipo_documento"].lower().replace(".", "")
    number = re.sub(r"[\s.-]+", "", typed["numero_documento"]).upper()
    celular = re.sub(r"[\s()-]+", "", typed["celular"])
    return {
        **typed,
        "tipo_documento": kind,
        "numero_documento": number,
        "celular": re.sub(r"^(\+?51)(?=9[0-9]{8}$)", "", celular),
    }


def wrong_cells(identity: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with who somebody is, by column; the words never repeat what stands there."""
    who = clean_identity(identity)
    wrong = {column: message for column in NAMES if (message := _wrong_name(column, who[column]))}
    if who["tipo_documento"] not in DOCUMENT_KINDS:
        wrong["tipo_documento"] = "Escriba DNI o CE."
    elif message := _wrong_number(who["tipo_documento"], who["numero_documento"]):
        wrong["numero_documento"] = message
    if who["celular"] and not CELULAR.fullmatch(who["celular"]):
        wrong["celular"] = "El celular tiene 9 cifras y empieza con 9. Si no lo sabe, déjelo vacío."
    return wrong


def _wrong_name(column: str, name: str) -> str | None:
    if not name:
        # Some people have one surname only.
        return None if column == "apellido_materno" else f"Falta escribir {NAMES[column]}."
    if len(name) > MAX_PERSON_NAME:
        return f"Escriba {NAMES[column]} en {MAX_PERSON_NAME} letras o menos."
    if not NAME.fullmatch(name):
        return f"Escriba {NAMES[column]} solo con letras."
    return None


def _wrong_number(kind: str, number: str) -> str | None:
    if not number:
        return "Falta el número de documento."
    if kind == "ce":
        fits = CE.fullmatch(number)
        return None if fits else "El carné de extranjería tiene de 9 a 12 letras o cifras."
    if not (number.isascii() and number.isdigit()):
        return f"El DNI tiene {DNI_DIGITS} cifras, sin letras ni signos."
    if len(number) < DNI_DIGITS:
        return (
            f"El DNI tiene {DNI_DIGITS} cifras y aquí hay {len(number)}: revise si se perdió un "
            "cero del comienzo."
        )
    if len(number) > DNI_DIGITS:
        return f"El DNI tiene {DNI_DIGITS} cifras y aquí hay {len(number)}: revise si sobra alguna."
    return None


def _tidy(text: str) -> str:
    """One way to write it: composed accents, single blanks, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
