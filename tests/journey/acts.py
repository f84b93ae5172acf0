"""Acts of an officer, with what most stories leave at its usual value."""

from backend import triage
from backend.reports.states import Verification


def transfer(story, staff, report_id, unit, reason="otra_jurisdiccion", words=""):
    triage.transfer(
        story.parts,
        staff,
        report_id,
        unit_id=unit.id,
        reason=reason,
        words=words,
        now=story.watch.now,
    )


def verify(story, staff, report_id, verification=Verification.VERIFIED, way="visto_en_el_lugar"):
    triage.verify(
        story.parts,
        staff,
        report_id,
        verification=verification,
        way=way,
        words="",
        now=story.watch.now,
    )


def close(story, staff, report_id, outcome="patrulla_intervino", words=""):
    triage.close(story.parts, staff, report_id, outcome=outcome, words=words, now=story.watch.now)
