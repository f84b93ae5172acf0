"""The one tree of errors that a user may see, and its one table to HTTP; both edges answer so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its JSON path (`lugar.lat`) and what to do about it, in Spanish."""

    field: str
    message: str


class YoAlertoError(Exception):
    """Something that a person can be told, in Spanish, with what to do next."""

    title = "No se pudo completar"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class InvalidInput(YoAlertoError):
    title = "Hay datos por corregir"


class Malformed(YoAlertoError):
    """The request cannot be read at all."""

    title = "No entendimos el envío"


class Unauthenticated(YoAlertoError):
    title = "Falta identificarse"


class Forbidden(YoAlertoError):
    title = "No tienes permiso"


class NotFound(YoAlertoError):
    title = "No se encontró"


class Conflict(YoAlertoError):
    """The present state does not allow it."""

    title = "Ya no es posible"


class TooLarge(YoAlertoError):
    title = "Demasiado grande"


class TooMany(YoAlertoError):
    title = "Demasiados envíos"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class StorageFull(YoAlertoError):
    """No room for media; text is still accepted."""

    title = "No hay espacio para fotos"


class ConfigurationError(Exception):
    """The process must not start: names every problem at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def wrong_field(field: str, message: str) -> InvalidInput:
    """An `InvalidInput` about a single field."""
    return InvalidInput(message, (FieldError(field, message),))


HTTP_STATUS: dict[type[YoAlertoError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    InvalidInput: 422,
    TooMany: 429,
    StorageFull: 507,
}
PLACES_LOGGED = 8


def status_of(error: YoAlertoError) -> int:
    """The HTTP status of an error of ours, by its nearest known class."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def whereabouts(error: Exception) -> dict[str, str]:
    """A bug's kind and places in the code, for the log.

    The traceback itself may quote what a citizen wrote (a statement's values).
    """
    trace, places = error.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"error": type(error).__name__, "at": " < ".join(reversed(places[-PLACES_LOGGED:]))}
