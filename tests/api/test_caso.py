"""`/caso`: what its author sees, writes and contests, with the token of the case."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select, update

from backend import clock, triage
from backend.db import db, transaction
from backend.reports.models import Report, ReportTask
from backend.reports.states import Verification
from tests.api.problems import assert_problem
from tests.builders import a_member_of_staff, datos, send
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo


class Case:
    """One case with its author's token and an officer of its comisaría."""

    def __init__(self, client, device, callao, parts, **changes) -> None:
        self.client, self.parts = client, parts
        photos = changes.pop("photos", None)
        self.receipt = send(client, datos(**changes), headers=device, photos=photos).json
        asked = {"numero": self.receipt["numero"], "clave": self.receipt["clave"]}
        acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
        self.headers = {"Authorization": f"Bearer {acceso}"}
        query = select(Report.id).where(Report.numero == self.receipt["numero"])
        self.report_id = db.session.scalars(query).one()
        self.officer = db.session.merge(_officer(callao))

    def read(self) -> dict:
        answer = self.client.get("/api/v1/caso", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: dict):
        return self.client.post(f"/api/v1/caso/{path}", json=body, headers=self.headers)

    def close(self, outcome: str = "patrulla_intervino") -> None:
        do_all_work(self.parts)
        triage.record_acknowledgement(self.parts, self.officer, self.report_id, clock.now())
        triage.close(
            self.parts, self.officer, self.report_id, outcome=outcome, words="", now=clock.now()
        )


def _officer(callao):
    if not hasattr(callao, "officer"):
        callao.officer = a_member_of_staff("guardia", "operador", callao.west)
    return callao.officer


@pytest.fixture
def case(client, device, callao, parts) -> Case:
    return Case(client, device, callao, parts)


def test_a_new_case_says_honestly_that_nobody_saw_it(case):
    seen = case.read()
    assert seen["estado"] == "recibido"
    assert seen["visto"] is False
    assert [step["texto"] for step in seen["pasos"]] == ["Recibimos tu reporte."]
    assert seen["comisaria"] == {"nombre": "Comisaría WEST", "telefono": None}
    assert seen["lugar"]["lat"] == -12.06
    assert seen["descripcion"] == "Dos personas en una moto sin placa"
    assert seen["adjuntos"] == seen["mensajes"] == []
    assert seen["puede_disentir"] is False


def test_the_author_follows_every_step(case):
    do_all_work(case.parts)
    assert case.read()["visto"] is False  # on the desk, but nobody has looked
    triage.record_acknowledgement(case.parts, case.officer, case.report_id, clock.now())
    triage.start(case.parts, case.officer, case.report_id, now=clock.now())
    triage.verify(
        case.parts,
        case.officer,
        case.report_id,
        verification=Verification.VERIFIED,
        way="visto_en_el_lugar",
        words="secreto",
        now=clock.now(),
    )
    triage.answer(case.parts, case.officer, case.report_id, text="Vamos para allá", now=clock.now())
    seen = case.read()
    assert seen["estado"] == "en_atencion"
    assert seen["visto"] is True
    states = [step["estado"] for step in seen["pasos"]]
    assert states[0] == "recibido"
    assert states[-1] == "en_atencion"
    assert {"derivado", "recibido_por_comisaria"} <= set(states)
    assert [message["texto"] for message in seen["mensajes"]] == ["Vamos para allá"]
    assert "secreto" not in str(seen)
    assert "guardia" not in str(seen).lower()


def test_photos_are_served_to_the_same_token_only(client, device, callao, parts):
    sent = photo(size=(2000, 1000))
    case = Case(client, device, callao, parts, photos=[(io.BytesIO(sent), "f.jpg")])
    assert case.read()["adjuntos"][0]["estado"] == "en_proceso"
    for state, told in (("failed", "no_se_pudo"), ("pending", "en_proceso")):
        with transaction():
            db.session.execute(update(ReportTask).values(work_state=state))
        assert case.read()["adjuntos"][0]["estado"] == told
    do_all_work(parts)
    (picture,) = case.read()["adjuntos"]
    for url, longest in ((picture["url"], 1600), (picture["miniatura"], 320)):
        answer = client.get(url, headers=case.headers)
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        with Image.open(io.BytesIO(answer.data)) as image:
            assert max(image.size) == longest
        other = Case(client, device, callao, parts, descripcion="Otro caso")
        stranger = client.get(url, headers=other.headers)
        assert_problem(stranger, 404)
        nothing = client.get(f"/api/v1/caso/fotos/{uuid4()}/grande", headers=other.headers)
        assert stranger.data == nothing.data


@pytest.mark.parametrize(
    "path",
    ["fotos/no-es-un-id/grande", "fotos/{id}/original", "fotos/{id}/grande/x", "fotos/{id}"],
)
def test_there_is_no_other_way_to_a_photo(case, path):
    url = f"/api/v1/caso/{path.format(id=uuid4())}"
    assert_problem(case.client.get(url, headers=case.headers), 404)


# The thread


def test_the_author_writes_and_reads_it_back(case):
    answer = case.post("mensajes", {"texto": "  Siguen ahí, son dos  "})
    assert answer.status_code == 201
    assert answer.json["texto"] == "Siguen ahí, son dos"
    (message,) = case.read()["mensajes"]
    assert message["autor"] == "ciudadano"
    assert message["texto"] == "Siguen ahí, son dos"


@pytest.mark.parametrize(
    "body",
    [{}, *({"texto": wrong} for wrong in ("", "  ", "\x00", "\ud800", None, 5, "a" * 1001))],
)
def test_an_empty_or_broken_message_is_refused(case, body, nothing_stored):
    with nothing_stored():
        assert_problem(case.post("mensajes", body), 422, "texto")


# Contesting


def test_an_open_case_cannot_be_contested(case, nothing_stored):
    with nothing_stored():
        assert_problem(case.post("disconformidad", {}), 409)


def test_a_closure_is_contested_once_and_reopens(case):
    case.close()
    assert case.read()["puede_disentir"] is True
    answer = case.post("disconformidad", {"motivo": "Nadie vino"})
    assert answer.status_code == 200, answer.text
    assert answer.json["estado"] == "derivado"
    assert answer.json["visto"] is False
    assert answer.json["reabierto"] is True
    assert answer.json["puede_disentir"] is False
    assert [message["texto"] for message in answer.json["mensajes"]] == ["Nadie vino"]
    assert_problem(case.post("disconformidad", {}), 409)
    case.close()
    assert case.read()["reabierto"] is False
    assert case.read()["puede_disentir"] is False
    assert_problem(case.post("disconformidad", {"motivo": "Otra vez"}), 409)
    assert len(case.read()["mensajes"]) == 1


def test_a_contested_case_is_on_the_desk_with_a_new_clock(case):
    case.close()
    assert case.post("disconformidad", {}).status_code == 200
    report = db.session.get(Report, case.report_id, populate_existing=True)
    assert report.acknowledge_by - clock.now() > timedelta(minutes=4)
    assert report.outcome is None and report.closed_at is None


@pytest.mark.parametrize("body", [{"motivo": 5}, {"motivo": "a" * 1001}, {"motivo": "\x00"}])
def test_a_broken_reason_is_refused(case, body):
    assert_problem(case.post("disconformidad", body), 422, "motivo")
