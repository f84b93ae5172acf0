"""The public edge: what anybody may ask tells nothing of a case, and a case is its author's."""

import re
from typing import Any
from uuid import uuid4

import pytest
from freezegun import freeze_time
from sqlalchemy import update

from backend import clock
from backend.constancia.services import issue
from backend.db import db, transaction
from backend.denuncias.services import keep_constancia
from backend.reports.models import Report
from mobile_api.access import ROUTES, Needs
from tests.builders import datos, send
from tests.constancia.examples import SALT, content
from tests.denouncing import denounce, lost_papers, mistreatment
from tests.isolation.answers import assert_no_secret, was_answered
from tests.isolation.examples import OF_AUTHOR, OF_JUNTA, PUBLIC
from tests.isolation.world import KINDS, SENSIBLE, Case, World
from tests.journey.doing import do_all_work
from tests.phones import a_phone


@pytest.mark.parametrize("endpoint", PUBLIC)
def test_what_anybody_may_ask_tells_nothing_of_a_case(world: World, one_moment, endpoint: str):
    method, path, body = PUBLIC[endpoint]

    def ask() -> tuple[int, bytes]:
        answer = a_phone(world.app).open(path, method=method, json=body)
        varying = re.compile(rb'value="[\w.\-]{30,}"|content="[^"]{30,}"|"token":"[^"]+"')
        return answer.status_code, varying.sub(b"", answer.data)

    before = ask()
    assert 200 <= before[0] < 300
    cases = [world.case(kind) for kind in KINDS]
    assert ask() == before
    for case in cases:
        assert str(case.report_id).encode() not in before[1]


def test_only_these_need_a_credential():
    needs = {name: need for name, need in ROUTES.items() if need is not Needs.NOTHING}
    assert needs == {
        "alertas.create": Needs.DEVICE,
        "denuncias.create": Needs.DEVICE,
        **dict.fromkeys(OF_AUTHOR, Needs.ACCESO),
        **dict.fromkeys(OF_JUNTA, Needs.JUNTA),
    }


@pytest.fixture
def authors(world: World) -> dict[str, Any]:
    """The author's token of a closed case with a photo, and all the wrong ones."""
    case, other = world.case(stage="acknowledged", with_photo=True), world.case(SENSIBLE)
    officer = world.owner("operador")
    form = {"desenlace": "patrulla_intervino", "detalle": ""}
    assert was_answered(officer.ask("POST", f"/panel/casos/{case.report_id}/cerrar", form))
    with freeze_time(clock.now().replace(year=2025)):
        expired = acceso(world, case)
    revoked_case = world.case()
    revoked = acceso(world, revoked_case)
    with transaction():
        mine = update(Report).where(Report.id == revoked_case.report_id)
        db.session.execute(mine.values(clave_version=2))
    receipt = issue(
        world.parts.settings.keys, case.numero, clock.now(), content(numero=case.numero), SALT
    )
    with transaction():
        keep_constancia(case.report_id, receipt.text, receipt.key_version, clock.now())
    return {
        "case": case,
        "own": acceso(world, case),
        "wrong": {
            "nothing": "",
            "forged": "abc.def.ghi",
            "expired": expired,
            "revoked": revoked,
            "a phone's": world.device["Authorization"].split()[1],
            "another case's": acceso(world, other),
        },
    }


def acceso(world: World, case: Case) -> str:
    asked = {"numero": case.numero, "clave": case.clave}
    return world.phone.post("/api/v1/seguimiento", json=asked).json["acceso"]


@pytest.mark.parametrize("endpoint", OF_AUTHOR)
def test_the_authors_side_is_the_authors(world: World, authors, endpoint: str):
    method, path, body = OF_AUTHOR[endpoint]
    case: Case = authors["case"]
    nothing = world.no_case()

    def ask(token: str, about: Case):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers["Idempotency-Key"] = uuid4().hex
        address = path.format(photo=about.attachment_id)
        return world.phone.open(address, method=method, json=body, headers=headers)

    for who, token in authors["wrong"].items():
        picture = world.picture_of(case)
        answers = [ask(token, about) for about in (case, nothing)]
        assert str(case.report_id) not in answers[0].text
        assert case.numero not in answers[0].text, who
        if who != "another case's":
            assert [one.status_code for one in answers] == [401, 401], who
            assert_no_secret(answers[0], who)
        elif "{photo}" in path:
            assert [one.status_code for one in answers] == [404, 404]
        if who != "another case's" or "{photo}" in path:
            assert answers[0].data == answers[1].data
        assert world.picture_of(case) == picture, who
    # Staff of the owning unit are no authors, either.
    staff = world.owner("operador").phone.open(
        path.format(photo=case.attachment_id), method=method, json=body
    )
    assert staff.status_code == 401
    assert 200 <= ask(authors["own"], case).status_code < 300


@pytest.mark.parametrize("path", ["/seguimiento", "/api/v1/seguimiento"])
def test_a_number_without_its_clave_opens_no_case(world: World, path: str):
    case, sensible, nothing = world.case(), world.case(SENSIBLE), world.no_case()

    def ask(numero: str, clave: str | None):
        asked = {"numero": numero} | ({"clave": clave} if clave else {})
        if path.startswith("/api"):
            return world.phone.post(path, json=asked)
        return world.phone.post(path, data=asked)

    assert ask(case.numero, case.clave).status_code == 200
    public = ask(case.numero, None)
    assert public.status_code == 200
    assert_no_secret(public, "whoever has the number")
    refused = [
        (case, sensible.clave),
        (sensible, None),
        (sensible, case.clave),
        (nothing, None),
        (nothing, case.clave),
    ]
    pages = set()
    for asked, clave in refused:
        answer = ask(asked.numero, clave)
        assert answer.status_code == 404
        assert_no_secret(answer, "whoever guesses")
        pages.add(asked.hidden_in(answer.text))
    assert len(pages) == 1


def test_reporting_needs_a_phones_credential_and_tells_of_no_other_report(world: World):
    case = world.case()
    assert send(world.phone, datos(), headers=world.device).status_code == 201
    with freeze_time("2024-01-01"):
        old = world.phone.post("/api/v1/dispositivos").json["token"]
    for token in ("", "falso", old, acceso(world, case)):
        answer = send(world.phone, datos(), headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert_no_secret(answer, token)


def test_denouncing_needs_a_phones_credential_and_stores_nothing_without(world: World):
    assert denounce(world.phone, lost_papers(), headers=world.device).status_code == 201
    token = acceso(world, world.case())
    rows = world.rows()
    for wrong in ("", "falso", token):
        for body in (lost_papers(), mistreatment()):
            answer = denounce(world.phone, body, headers={"Authorization": f"Bearer {wrong}"})
            assert answer.status_code == 401
            assert_no_secret(answer, wrong)
    assert world.rows() == rows


def test_the_page_without_scripts_needs_its_hidden_credential(world: World):
    page = world.phone.get("/").text
    hidden = dict(re.findall(r'name="(credencial|clave_de_envio)"[^>]*value="([^"]+)"', page))
    written = {"categoria": "robo", "referencia": "Por el mercado", "descripcion": "Se llevaron"}
    assert world.phone.post("/alerta", data={**hidden, **written}).status_code == 201
    rows = world.rows()
    for credential in ("", "falsa", acceso(world, world.case())):
        rows = world.rows()
        forged = {"credencial": credential, "clave_de_envio": str(uuid4())}
        assert world.phone.post("/alerta", data={**forged, **written}).status_code == 401
        assert world.rows() == rows


def test_the_same_key_of_another_phone_finds_nothing(world: World):
    key = str(uuid4())
    mine = send(world.phone, datos(), headers=world.device, key=key)
    do_all_work(world.parts)
    theirs = send(a_phone(world.app), datos(), key=key)
    assert theirs.status_code == 201
    assert theirs.json["numero"] != mine.json["numero"]
