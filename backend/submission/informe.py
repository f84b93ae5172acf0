"""Taking in what a junta tells: an alerta like any other, marked as a junta's."""

from collections.abc import Sequence
from datetime import datetime

from backend.informes import services as informes
from backend.informes.services import Informant
from backend.media import services as media
from backend.parts import Parts
from backend.submission.alerta import Submission, submit_alerta
from backend.submission.intake import Receipt


def submit_informe(
    parts: Parts,
    submission: Submission,
    uploads: Sequence[media.ReceivedPhoto],
    informant: Informant,
    *,
    credential: str,
    idempotency_key: str,
    now: datetime,
) -> Receipt:
    """The same journey as `submit_alerta`'s; what the junta told is remembered with the report.

    A sensible matter becomes a report that nothing tells from a citizen's, and the junta is
    counted apart: not in the same transaction either, whose id both rows would keep. So a crash
    between the two loses a count, and never tells who spoke.
    """
    is_sensible = submission.categoria.sensible
    receipt = submit_alerta(
        parts,
        submission,
        uploads,
        # Counted apart: "many from one phone" must not tell that it sent something else as well.
        credential=f"reservado {credential}" if is_sensible else credential,
        idempotency_key=idempotency_key,
        now=now,
        informant=informant,
    )
    if is_sensible and not receipt.is_repeated:
        informes.count_reserved(informant, submission.categoria, now)
    return receipt
