"""Job name -> journey. A job takes ids of rows, and may run twice harmlessly."""

from uuid import UUID

from backend import clock, journey
from backend.app import parts_of


def moderate(report_id: str) -> None:
    """Derive and check what came with a report."""
    journey.moderate(parts_of(), UUID(report_id), clock.now())


def forward(*envio_ids: str) -> None:
    """Make the deliveries that were planned together; the desk's comes first."""
    for envio_id in envio_ids:
        journey.forward(parts_of(), UUID(envio_id), clock.now())


def forward_and_moderate(report_id: str, *envio_ids: str) -> None:
    """Both first steps of an urgent report without photos, the deliveries before the checks."""
    forward(*envio_ids)
    moderate(report_id)


def feed_risk_map(report_id: str) -> None:
    """Bring the risk maps in step with one report."""
    journey.feed_risk_map(parts_of(), UUID(report_id), clock.now())
