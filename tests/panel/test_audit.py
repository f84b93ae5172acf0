"""The audit trail: what auditors can ask, and that asking leaves a trace."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from admin.audit import ACTION_LABELS
from backend.db import db, transaction
from backend.identity.models import AuditEntry
from tests.builders import Callao, a_member_of_staff, datos, send
from tests.panel.conftest import send_form, sign_in


@pytest.fixture
def auditor(client):
    staff = a_member_of_staff("vera", "auditor", None)
    sign_in(client, staff)
    return staff


def an_entry(staff, action: str, *, days_ago: float = 0, report_id=None) -> None:
    with transaction():
        db.session.add(
            AuditEntry(
                at=datetime.now(UTC) - timedelta(days=days_ago),
                staff_id=staff.id,
                action=action,
                report_id=report_id,
                details={},
            )
        )


def rows_in(page: str) -> list[str]:
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [row for row in body.split("<tr>")[1:] if "Nada coincide" not in row]


def test_filters_by_person_action_and_days(client, auditor):
    luis = a_member_of_staff("luis", "operador", Callao().west)
    an_entry(luis, "case_read", days_ago=2)
    an_entry(luis, "closed", days_ago=40)
    an_entry(auditor, "signed_in", days_ago=1)
    assert len(rows_in(client.get("/panel/auditoria").text)) == 2
    assert len(rows_in(client.get("/panel/auditoria?usuario=luis").text)) == 2
    assert len(rows_in(client.get("/panel/auditoria?usuario=nadie").text)) == 0
    assert len(rows_in(client.get("/panel/auditoria?usuario=luis&accion=closed").text)) == 1
    since = (datetime.now(UTC) - timedelta(days=60)).date().isoformat()
    until = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    page = client.get(f"/panel/auditoria?desde={since}&hasta={until}").text
    assert "Cerró" in rows_in(page)[0]
    assert len(rows_in(page)) == 1


def test_a_reason_is_told_by_its_name_and_a_junta_by_the_start_of_its_id(client, auditor):
    junta = "7b0c1d2e-0000-4000-8000-000000000001"
    with transaction():
        details = {"reason": "reunion", "junta": junta, "count": 12, "approved": True}
        db.session.add(AuditEntry(staff_id=auditor.id, action="padron_names_read", details=details))
    [row] = [one for one in rows_in(client.get("/panel/auditoria").text) if "Leyó nombres" in one]
    for words in ("motivo: Convocar a una reunión", "junta: 7b0c1d2e…", "cuántos: 12"):
        assert words in row
    assert "con aprobación: sí" in row


def test_reading_the_trail_is_on_the_trail(client, auditor):
    client.get("/panel/auditoria?usuario=vera&accion=closed&desde=2026-01-01")
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.staff_id, entry.action) == (auditor.id, "audit_read")
    assert entry.details["of_staff"] == auditor.id
    assert entry.details["of_action"] == "closed"


def test_a_report_is_found_by_its_number_which_no_address_shows(client, auditor):
    Callao()
    numero = send(client, datos()).json["numero"]
    report_id = db.session.scalar(text("SELECT id FROM report"))
    an_entry(auditor, "case_read", report_id=report_id)
    an_entry(auditor, "case_read", report_id=uuid4())
    typed = numero.lower().replace("-", " ")
    answer = send_form(client, "/panel/auditoria/reporte", numero=typed)
    assert answer.status_code == 303
    assert numero not in answer.location
    page = client.get(answer.location).text
    assert len(rows_in(page)) == 1
    assert numero not in page
    assert send_form(client, "/panel/auditoria/reporte", numero="YA-1").status_code == 404


def test_pages_follow_each_other_without_gap_or_repetition(client, auditor):
    for n in range(120):
        an_entry(auditor, "case_read", days_ago=n % 3)
    seen, address = [], "/panel/auditoria?usuario=vera&accion=case_read"
    while address:
        page = client.get(address).text
        seen += rows_in(page)
        link = re.search(r'href="([^"]*antes=[^"]*)"', page)
        address = link[1].replace("&amp;", "&") if link else None
    assert len(seen) == 120


@pytest.mark.parametrize(
    "query", ["desde=ayer", "hasta=9999-12-31", "antes=x", "antes=2026-01-01,1", "reporte=1"]
)
def test_nonsense_in_the_address_is_ignored(client, auditor, query):
    assert client.get(f"/panel/auditoria?{query}").status_code == 200


@pytest.mark.parametrize("role", ["administrador", "operador", "supervisor", "analista"])
def test_only_auditors_read_it(client, role):
    sign_in(client, a_member_of_staff("luis", role, Callao().west))
    assert client.get("/panel/auditoria").status_code == 403
    assert send_form(client, "/panel/auditoria/reporte", numero="x").status_code == 403


def test_each_action_that_the_code_writes_has_spanish_words():
    """`acting` and `audit` name actions as plain words; the auditor reads none of them raw."""
    project = Path(__file__).parents[2]
    code = "".join(
        p.read_text() for folder in ("backend", "admin") for p in (project / folder).rglob("*.py")
    )
    calls = r'(?:record_reading|audit|acting)\((?:[^()"]|\([^()]*\))*"([a-z_]+)"'
    written = set(re.findall(calls, code)) - {"/auditoria"}
    assert "case_map_read" in written
    assert written <= set(ACTION_LABELS)
