"""What an officer asked the desk to show; read from the address, which never holds a number."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from backend.reports.models import Kind
from backend.reports.states import Moderation, State, Verification

ALL_UNITS = "todas"
OPEN, EVERYTHING = "abiertos", "todos"
DUE_SOON = "por_vencer"
# Each field's allowed words; what is not among them counts as not asked for.
ALLOWED: Mapping[str, frozenset[str]] = {
    "ver": frozenset({OPEN, EVERYTHING}),
    "estado": frozenset(State) - {State.RECEIVED},
    "tipo": frozenset(Kind),
    "prioridad": frozenset({"1", "2", "3"}),
    "marca": frozenset(Moderation),
    "verificacion": frozenset(Verification),
    "plazo": frozenset({DUE_SOON}),
}


@dataclass(frozen=True)
class Filters:
    """The desk's filters by the names of the form; an empty text filters nothing."""

    ver: str = OPEN
    estado: str = ""
    tipo: str = ""
    categoria: str = ""
    prioridad: str = ""
    marca: str = ""
    verificacion: str = ""
    plazo: str = ""
    unidad: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filters":
        """From the query of the address, forgiving what is unknown."""
        given = {field.name: args.get(field.name, default(field.name)) for field in fields(cls)}
        return cls(
            **{
                name: value if name not in ALLOWED or value in ALLOWED[name] else default(name)
                for name, value in given.items()
            }
        )

    @property
    def is_wide(self) -> bool:
        """Whether units below the own one are asked for."""
        return self.unidad != ""

    @property
    def unit_id(self) -> int | None:
        """The one unit picked, if any."""
        is_number = self.unidad.isascii() and self.unidad.isdigit() and len(self.unidad) < 10
        return int(self.unidad) if is_number else None

    @property
    def only_open(self) -> bool:
        """Closed reports are shown when asked for, by the list or by their state."""
        return self.ver == OPEN and not self.estado

    @property
    def narrowing(self) -> int:
        """How many filters besides the usual ones are on."""
        usual = {"ver": OPEN, "unidad": self.unidad}
        return sum(value != usual.get(name, "") for name, value in self.as_args(all_of=True))

    def changed(self, **values: str) -> dict[str, str]:
        """Parameters of an address with the same filters but for these."""
        return dict(replace(self, **values).as_args())

    def as_args(self, *, all_of: bool = False) -> list[tuple[str, str]]:
        """As parameters of an address, without what is usual."""
        pairs = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(n, v) for n, v in pairs if all_of or v != default(n)]


def default(name: str) -> Any:
    """What a filter is when nobody chose."""
    return next(field.default for field in fields(Filters) if field.name == name)
