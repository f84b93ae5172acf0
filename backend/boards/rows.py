"""What `queries` answers with: states in words, and lines of the lists that the panel shows."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class JuntaState(StrEnum):
    """How a junta stands on a day, as screens say it."""

    IN_FORCE = "vigente"
    EXPIRING = "por_vencer"
    LAPSED = "vencida"
    NOT_YET = "por_empezar"  # its next term is recorded and has not begun
    DISSOLVED = "disuelta"


class AccessState(StrEnum):
    """How the coordinator's access of a junta stands, in one word for lists."""

    NONE = "sin_acceso"
    ENROLLING = "por_activar"
    ACTIVE = "activo"
    LOCKED = "bloqueado"
    EXPIRED = "vencido"


@dataclass(frozen=True)
class JuntasFilter:
    """Which juntas of the unit are asked for; empty does not narrow."""

    words: str = ""
    state: JuntaState | None = None


@dataclass(frozen=True)
class JuntaRow:
    """A line of the list. `active_members` counts only while the junta is in force."""

    id: UUID
    code: str
    name: str
    scope: str
    valid_until: date
    has_area: bool
    state: JuntaState
    active_members: int
    active_women: int
    repeated_members: int
    access: AccessState

    @property
    def cursor(self) -> tuple[date, str]:
        """Where the next page begins."""
        return self.valid_until, self.code


@dataclass(frozen=True)
class MemberRow:
    """A member as the office and the comisario see them: numbered, without who it is."""

    id: UUID
    position: int
    post: str
    sex: str
    since: date
    until: date | None
    designated_by: str
    ended_on: date | None
    end_reason: str | None
    is_repeated: bool
    is_active: bool


@dataclass(frozen=True)
class Expiring:
    """How many juntas of a unit end within the announced days, and how many already did."""

    within_60: int
    within_15: int
    lapsed: int
