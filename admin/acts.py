"""Which acts a case offers: by its state, and by the role of who looks at it."""

from collections.abc import Mapping

from admin.access import may_open
from backend.identity.models import Staff
from backend.reports.models import FORMAL_KINDS, Kind, Report
from backend.reports.states import MOVES, OPEN_STATES, UNSEEN_STATES, Moderation, State
from backend.triage import is_comisario_of

_SEEN = frozenset(State) - UNSEEN_STATES - {State.REJECTED, State.MERGED}


def _may_become(state: State) -> frozenset[State]:
    return frozenset(start for start, ends in MOVES.items() if state in ends)


# Endpoint -> the states in which the act makes sense.
STATES: Mapping[str, frozenset[State]] = {
    "panel.acknowledge": UNSEEN_STATES,
    "panel.let_through": UNSEEN_STATES,
    "panel.start": frozenset({State.ACKNOWLEDGED}),
    "panel.verify": _SEEN,
    "panel.assign": frozenset({State.ACKNOWLEDGED, State.IN_PROGRESS}),
    "panel.record_actuacion": frozenset({State.ACKNOWLEDGED, State.IN_PROGRESS}),
    "panel.qualify": OPEN_STATES,
    "panel.answer": frozenset(State) - {State.REJECTED, State.MERGED},
    "panel.transfer": OPEN_STATES,
    "panel.close": _may_become(State.RESOLVED),
    "panel.reject": _may_become(State.REJECTED),
}


# What only a denuncia or queja has; and what a queja has not: its truth is no map's business.
OF_FORMAL = frozenset({"panel.record_actuacion", "panel.qualify"})
NOT_OF_FORMAL = frozenset({"panel.start"})
NOT_OF_QUEJA = frozenset({"panel.verify"})


def offered(staff: Staff, report: Report, *, has_sectors: bool = True) -> frozenset[str]:
    """The acts of this member of staff on this report, by the names of the endpoints' views."""
    held = report.moderation is Moderation.HELD
    return frozenset(
        endpoint.removeprefix("panel.")
        for endpoint, states in STATES.items()
        if report.state in states
        and may_open(staff, endpoint)
        and (held or endpoint != "panel.let_through")
        and (has_sectors or endpoint != "panel.assign")
        and endpoint not in _unfit(staff, report)
    )


def _unfit(staff: Staff, report: Report) -> frozenset[str]:
    """What this kind of report does not have, or not from this officer."""
    if report.kind not in FORMAL_KINDS:
        return OF_FORMAL
    unfit = NOT_OF_FORMAL | (NOT_OF_QUEJA if report.kind is Kind.QUEJA else frozenset())
    return unfit if is_comisario_of(report, staff) else unfit | {"panel.reject"}
