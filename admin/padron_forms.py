"""What the forms of the padrón say, read into days, choices and identities; its pages call it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import request
from flask_babel import gettext as _

from admin.problems import field_messages
from backend.errors import FieldError, InvalidInput, YoAlertoError
from backend.vault.models import MEMBER_FIELDS

# Which kind of document it is says nothing as long as its number is empty.
WITHOUT_MEANING_ALONE = "tipo_documento"


@dataclass(frozen=True)
class Term:
    """A recognition act and the days that it covers, as typed."""

    act: str
    recognised_on: date
    valid_from: date
    valid_until: date | None


class Shown:
    """A form as a page shows it: what stands in its fields, and what is wrong with it."""

    def __init__(self, values: Mapping[str, str], problem: YoAlertoError | None = None) -> None:
        self.values, self.problem = values, problem

    @cached_property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        return field_messages(self.problem) if self.problem else {}


def sent_form(problem: YoAlertoError | None, sent: str) -> Callable[..., Shown]:
    """The forms of a page by their names; the one that was refused has what was typed."""

    def form(name: str, **values: str) -> Shown:
        return Shown(request.form, problem) if problem and name == sent else Shown(values)

    return form


def line(name: str) -> str:
    """One line that was typed, without blanks around it or twice."""
    return " ".join(request.form.get(name, "").split())


def term() -> Term:
    """The term of a new junta or of a renewal; every wrong day at once."""
    _refuse_wrong_days("reconocida", "desde", optional="hasta")
    return Term(line("acto"), day("reconocida"), day("desde"), _read("hasta"))


def period() -> tuple[date, date | None]:
    """From when and until when somebody is a member; every wrong day at once."""
    _refuse_wrong_days("desde", optional="hasta")
    return day("desde"), _read("hasta")


def day(name: str) -> date:
    """The day of one field; raises `InvalidInput`."""
    _refuse_wrong_days(name)
    return date.fromisoformat(line(name))


def identity() -> dict[str, str]:
    """Who somebody is, as typed."""
    return {name: line(name) for name in MEMBER_FIELDS}


def other_identity() -> dict[str, str] | None:
    """Who somebody is instead; None where all was left empty, which changes nothing."""
    typed = identity()
    is_said = any(value for name, value in typed.items() if name != WITHOUT_MEANING_ALONE)
    return typed if is_said else None


def _refuse_wrong_days(*needed: str, optional: str | None = None) -> None:
    wrong = [name for name in needed if _read(name) is None]
    if optional and line(optional) and _read(optional) is None:
        wrong.append(optional)
    if wrong:
        message = _("Escriba el día, como 05/12/2026.")
        raise InvalidInput(message, tuple(FieldError(name, message) for name in wrong))


def _read(name: str) -> date | None:
    try:
        return date.fromisoformat(line(name))
    except ValueError:
        return None
