"""The states of a report and the moves that are allowed; `reports.moves` makes them."""

from enum import StrEnum


class State(StrEnum):
    """Where a report stands between its author and the police."""

    RECEIVED = "received"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REJECTED = "rejected"
    MERGED = "merged"


class Moderation(StrEnum):
    """What the machines think of a report; they order, mark and hold, never reject."""

    PENDING = "pending"
    PASSED = "passed"
    HELD = "held"


class Verification(StrEnum):
    """What an officer found out about it."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    REFUTED = "refuted"


# As the API and the screens say it (contract, design §5).
PUBLIC_STATE: dict[State, str] = {
    State.RECEIVED: "recibido",
    State.FORWARDED: "derivado",
    State.ACKNOWLEDGED: "recibido_por_comisaria",
    State.IN_PROGRESS: "en_atencion",
    State.RESOLVED: "atendido",
    State.DISMISSED: "desestimado",
    State.REJECTED: "rechazado",
    State.MERGED: "unido",
}

OPEN_STATES = frozenset({State.RECEIVED, State.FORWARDED, State.ACKNOWLEDGED, State.IN_PROGRESS})
# Nobody at the owning unit has said "recibido" yet.
UNSEEN_STATES = frozenset({State.RECEIVED, State.FORWARDED})

MOVES: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.FORWARDED, State.REJECTED}),
    State.FORWARDED: frozenset({State.ACKNOWLEDGED, State.REJECTED}),
    # A transfer hands the report to a desk that has not seen it: back to forwarded.
    State.ACKNOWLEDGED: frozenset(
        {State.IN_PROGRESS, State.RESOLVED, State.DISMISSED, State.REJECTED, State.FORWARDED}
    ),
    State.IN_PROGRESS: frozenset({State.RESOLVED, State.DISMISSED, State.FORWARDED}),
    # Contested once by the author: somebody has to look again.
    State.RESOLVED: frozenset({State.FORWARDED}),
    State.DISMISSED: frozenset({State.FORWARDED}),
    State.REJECTED: frozenset(),
    State.MERGED: frozenset(),
}
