"""Opening an identity: who may, what it costs, and that it is shown once and left nowhere."""

from io import BytesIO
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend import clock, unmasking
from backend.db import db
from backend.errors import Conflict, InvalidInput, NotFound
from backend.identity.models import AuditEntry
from backend.media.queries import attachments_of
from backend.vault import services as vault
from backend.vault.models import Opening
from tests.formal import LUIS, ROSA, make_formal, person_of
from tests.panel.stories import Officer, Town

WORDS = "Para citarla a declarar el martes"
SECRETS = (ROSA["numero_documento"], ROSA["nombres"], ROSA["domicilio"], ROSA["celular"])


@pytest.fixture
def denuncia(town: Town) -> UUID:
    report_id = town.report("robo_celular", descripcion="Me robaron")
    make_formal(town.parts, report_id, clock.now())
    return report_id


@pytest.fixture
def reserved(town: Town) -> UUID:
    report_id = town.report("robo_celular", descripcion="Me robaron y me amenazaron")
    make_formal(town.parts, report_id, clock.now(), is_reserved=True)
    return report_id


@pytest.fixture
def comisario(town: Town) -> Officer:
    return town.officer("comisario", town.callao.west)


def address(report_id: UUID, role: str = "denunciante") -> str:
    return f"/panel/casos/{report_id}/personas/{person_of(report_id, role)}/abrir"


def open_it(officer: Officer, report_id: UUID, role: str = "denunciante", **changes):
    fields = {"motivo": "llamar_al_denunciante", "detalle": WORDS, **changes}
    return officer.post(address(report_id, role), **fields)


def openings() -> list[Opening]:
    db.session.rollback()
    return list(db.session.scalars(select(Opening).order_by(Opening.id)))


def trail() -> list[AuditEntry]:
    db.session.rollback()
    query = select(AuditEntry).where(AuditEntry.action == "identity_opened")
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def test_it_is_shown_once_in_the_answer_and_nowhere_else(town: Town, denuncia: UUID):
    answer = open_it(town.operador, denuncia)

    assert answer.status_code == 200
    for secret in SECRETS:
        assert secret in answer.text
    assert "Número de documento" in answer.text
    assert LABEL not in answer.text.partition("<dl")[2].partition("</dl>")[0]
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert 'hx-history="false"' in answer.text
    assert "data-una-vez" in answer.text
    mark = answer.text.partition("marca-de-agua")[2].partition("</p>")[0]
    assert town.operador.staff.username in mark
    assert "verá que se abrió una vez más" in answer.text

    page = town.operador.case(denuncia).text
    back = town.operador.get(address(denuncia))
    assert (back.status_code, back.location) == (303, f"/panel/casos/{denuncia}")
    for secret in SECRETS:
        assert secret not in page
    assert "abierta 1 vez por 1 persona" in page
    assert "Se abrió 1 vez." in page


LABEL = "Denunciante"


def test_both_traces_are_left_and_only_the_vaults_has_the_words(town: Town, denuncia: UUID):
    open_it(town.operador, denuncia)
    [opening] = openings()
    assert (opening.staff_id, opening.unit_id) == (town.operador.staff_id, town.callao.west.id)
    assert (opening.report_id, opening.person_id) == (denuncia, person_of(denuncia))
    assert (opening.reason, opening.words) == ("llamar_al_denunciante", WORDS)
    [entry] = trail()
    assert entry.report_id == denuncia
    assert entry.details == {"person": str(person_of(denuncia)), "reason": "llamar_al_denunciante"}


@pytest.mark.parametrize(
    "fields",
    [
        {"motivo": ""},
        {"motivo": "curiosidad"},
        {"detalle": "porque sí"},
        {"detalle": "x" * 501},
        {"detalle": ""},
    ],
)
def test_without_a_reason_and_words_it_stays_closed(town: Town, denuncia: UUID, fields):
    answer = open_it(town.operador, denuncia, **fields)
    assert answer.status_code == 422
    assert "error-campo" in answer.text
    assert fields.get("detalle", WORDS) in answer.text
    for secret in SECRETS:
        assert secret not in answer.text
    assert openings() == []
    assert trail() == []


def test_a_reserved_one_is_opened_by_the_comisario_alone(town: Town, reserved: UUID, comisario):
    refused = open_it(town.operador, reserved)
    assert refused.status_code == 403
    assert ROSA["nombres"] not in refused.text
    assert openings() == []
    assert ROSA["nombres"] in open_it(comisario, reserved).text


def test_nobody_else_opens_anything(town: Town, denuncia: UUID):
    callao = town.callao
    sees_the_case = [
        town.officer("supervisor", callao.divpol),
        town.officer("operador", callao.divpol),
        town.officer("comisario", callao.region),
        town.officer("supervisor", callao.west),
    ]
    strangers = [
        town.officer("operador", callao.east),
        town.officer("comisario", callao.east),
        town.officer("operador", callao.extortion_desk),
        town.officer("jefe_sector", callao.sector),
        town.officer("auditor", None),
        town.officer("administrador", None),
        town.officer("analista", callao.west),
    ]
    for officer in (*sees_the_case, *strangers):
        for answer in (open_it(officer, denuncia), officer.case(denuncia)):
            for secret in SECRETS:
                assert secret not in answer.text
        assert open_it(officer, denuncia).status_code in (403, 404)
    assert openings() == []
    assert trail() == []


def test_a_person_of_another_case_is_not_opened_under_ones_own(
    town: Town, denuncia: UUID, reserved: UUID
):
    url = f"/panel/casos/{denuncia}/personas/{person_of(reserved)}/abrir"
    fields = {"motivo": "llamar_al_denunciante", "detalle": WORDS}
    assert town.operador.post(url, **fields).status_code == 404
    unknown = f"/panel/casos/{denuncia}/personas/{uuid4()}/abrir"
    assert town.operador.post(unknown, **fields).status_code == 404
    assert openings() == []


def test_a_form_without_its_token_opens_nothing(town: Town, denuncia: UUID):
    fields = {"motivo": "llamar_al_denunciante", "detalle": WORDS}
    assert town.operador.client.post(address(denuncia), data=fields).status_code == 400
    assert openings() == []


def test_after_the_days_number_an_operador_waits_and_a_comisario_is_marked(
    town: Town, denuncia: UUID, comisario, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(unmasking, "OPENINGS_PER_DAY", 2)
    for officer in (town.operador, comisario):
        assert "Hoy puede abrir 2 más" in officer.case(denuncia).text
        for _ in range(2):
            assert open_it(officer, denuncia).status_code == 200
        assert "Ya pasó el máximo de hoy" in officer.case(denuncia).text

    refused = open_it(town.operador, denuncia)
    assert refused.status_code == 409
    assert "pida al comisario" in refused.text
    assert WORDS in refused.text
    for secret in SECRETS:
        assert secret not in refused.text
    assert open_it(comisario, denuncia).status_code == 200
    assert [entry.details.get("over_limit") for entry in trail()] == [None] * 4 + [True]
    assert len(openings()) == 5


def test_a_new_day_begins_at_midnight_in_lima(town: Town, denuncia: UUID, monkeypatch):
    from datetime import datetime, timedelta

    monkeypatch.setattr(unmasking, "OPENINGS_PER_DAY", 1)
    open_it(town.operador, denuncia)
    now = clock.in_lima(clock.now())
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), clock.LIMA)
    staff = town.operador.staff
    assert unmasking.openings_left(staff, midnight - timedelta(seconds=1)) == 0
    assert unmasking.openings_left(staff, midnight) == 1


def test_when_the_vault_fails_the_trail_has_it_and_nobody_reads_anything(
    town: Town, denuncia: UUID, monkeypatch: pytest.MonkeyPatch
):
    """The trail comes first: an identity without a trace cannot be had, a trace without one can."""

    def broken(*_: object) -> dict[str, str]:
        raise vault.IdentityLost("gone")

    monkeypatch.setattr(vault, "open_person", broken)
    answer = open_it(town.operador, denuncia)
    assert answer.status_code == 500
    assert len(trail()) == 1


def test_the_function_itself_asks_for_all_of_it(town: Town, denuncia: UUID):
    def act(person_id, reason="diligencia", words=WORDS):
        return unmasking.open_identity(
            town.parts,
            db.session.merge(town.operador.staff),
            denuncia,
            person_id,
            reason=reason,
            words=words,
            now=clock.now(),
        )

    person = person_of(denuncia)
    with pytest.raises(InvalidInput):
        act(person, reason="curiosidad")
    with pytest.raises(InvalidInput):
        act(person, words="corto")
    with pytest.raises(NotFound):
        act(uuid4())
    assert act(person)["nombres"] == ROSA["nombres"]
    assert act(person_of(denuncia, "testigos"))["celular"] == LUIS["celular"]


def test_nothing_of_it_is_logged(town: Town, denuncia: UUID, capsys: pytest.CaptureFixture[str]):
    open_it(town.operador, denuncia)
    said = capsys.readouterr()
    for secret in (*SECRETS, WORDS):
        assert secret not in said.out + said.err


def test_too_many_at_once_are_counted_one_after_the_other(
    town: Town, denuncia: UUID, monkeypatch: pytest.MonkeyPatch
):
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(unmasking, "OPENINGS_PER_DAY", 2)
    person, staff_id = person_of(denuncia), town.operador.staff_id

    def one(_: int) -> bool:
        with town.app.app_context():
            try:
                from backend.identity.queries import staff_by_id

                unmasking.open_identity(
                    town.parts,
                    staff_by_id(staff_id),
                    denuncia,
                    person,
                    reason="diligencia",
                    words=WORDS,
                    now=clock.now(),
                )
            except Conflict:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 2
    assert len(openings()) == 2


def test_in_a_queja_nobody_is_promised_what_its_author_cannot_see(town: Town):
    report_id = town.report("extorsion", lugar={"origen": "referencia", "distrito": "070101"})
    datos = {
        "asunto": "cobro_de_cupos",
        "hecho": {"relato": "Me piden cupo cada semana"},
        "implicados": [{"identidad": {"apodo": "El Zurdo"}}],
    }
    make_formal(town.parts, report_id, clock.now(), datos=datos)
    desk = town.officer("operador", town.callao.extortion_desk)
    assert "El Zurdo" not in desk.case(report_id).text
    answer = open_it(desk, report_id, "implicados")
    assert "El Zurdo" in answer.text
    for page in (answer.text, desk.case(report_id).text):
        assert "Quien denunció" not in page
        assert "Auditoría v" in page


def test_a_photo_of_a_reserved_denuncia_tells_its_place_to_the_comisario_alone(
    town: Town, comisario: Officer, jpeg: bytes
):
    """The file as it came has in it the coordinates that the vault keeps."""
    photos = [(BytesIO(jpeg), "foto.jpg")]
    report_id = town.report("robo_celular", descripcion="Me amenazaron", photos=photos)
    make_formal(town.parts, report_id, clock.now(), is_reserved=True)
    supervisor = town.officer("supervisor", town.callao.region)
    [photo] = attachments_of(report_id)
    url = f"/panel/casos/{report_id}/fotos/{photo.id}/original"
    asked = {"motivo_original": "fiscalia", "detalle_original": WORDS}
    for officer in (town.operador, supervisor):
        assert url not in officer.case(report_id).text
        assert officer.post(url, **asked).status_code == 403
    assert url in comisario.case(report_id).text
    assert comisario.post(url, **asked).data == jpeg
