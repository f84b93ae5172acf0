"""The one tree of errors that a user may see; `mobile_api.problems` maps it to HTTP."""

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
