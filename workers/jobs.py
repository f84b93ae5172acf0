"""Job name -> journey. A job takes ids of rows, and may run twice harmlessly."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

import structlog

from backend import clock, journey
from backend.app import parts_of
from backend.errors import whereabouts
from backend.padron.checking import check_import

log = structlog.get_logger()

Job = Callable[..., None]


def _telling_nothing(job: Job) -> Job:
    """A failure goes to the log by its kind and places; the row brings the work back.

    RQ would write the whole traceback there and into Redis, and an error of the database
    quotes its values: a place, a text.
    """

    @wraps(job)
    def run(*identities: str) -> None:
        try:
            job(*identities)
        except Exception as error:
            log.error("job.failed", job=job.__name__, ids=identities, **whereabouts(error))

    return run


@_telling_nothing
def moderate(report_id: str) -> None:
    """Derive and check what came with a report."""
    journey.moderate(parts_of(), UUID(report_id), clock.now())


@_telling_nothing
def forward(*envio_ids: str) -> None:
    """Make the deliveries that were planned together; the desk's comes first."""
    for envio_id in envio_ids:
        journey.forward(parts_of(), UUID(envio_id), clock.now())


@_telling_nothing
def forward_and_moderate(report_id: str, *envio_ids: str) -> None:
    """Both first steps of an urgent report without photos, the deliveries before the checks."""
    forward(*envio_ids)
    moderate(report_id)


@_telling_nothing
def check_padron(import_id: str) -> None:
    """Read an uploaded roster and check every cell of it."""
    parts = parts_of()
    check_import(parts.settings.keys, parts.catalog, UUID(import_id), clock.now())


@_telling_nothing
def feed_risk_map(report_id: str) -> None:
    """Bring the risk maps in step with one report."""
    journey.feed_risk_map(parts_of(), UUID(report_id), clock.now())
