"""`/panel/padron`: the juntas of the own comisaría, registered, corrected, renewed, dissolved."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.boards.models import JuntaTerm
from backend.boards.queries import PAGE_ROWS, terms_of
from backend.db import db
from backend.territory.queries import today
from tests.juntas import a_junta, a_member
from tests.panel.padron import LIST, Padron, address, has_error, trail, value_of

TERM = {"acto": "Acta 7-2026", "reconocida": "2026-01-05", "hasta": ""}


@pytest.fixture
def padron(app) -> Padron:
    return Padron(app)


def new_junta(**changes: str) -> dict[str, str]:
    named = {"codigo": "jv-7", "nombre": "Junta de la manzana B", "ambito": "manzana"}
    return {**named, **TERM, "desde": today().isoformat(), **changes}


# The list


def test_an_empty_list_says_what_to_do(padron: Padron):
    page = padron.office.ask("GET", LIST).text
    assert "no hay ninguna junta todavía" in page
    assert f'href="{LIST}/nueva"' in page
    page = padron.comisario.ask("GET", LIST).text
    assert "Las registra la Oficina de Participación Ciudadana" in page
    assert f"{LIST}/nueva" not in page


def test_the_list_counts_and_warns(padron: Padron):
    junta = a_junta(padron.west, "JV-1", until=today() + timedelta(days=10))
    a_member(junta, "coordinador", sex="hombre")
    a_member(junta)
    a_junta(padron.west, "JV-2", until=today() + timedelta(days=50))
    a_junta(padron.west, "JV-3", since=today() - timedelta(days=800), until=today())
    a_junta(padron.west, "JV-4", since=today() - timedelta(days=800), until=today() - timedelta(9))
    a_junta(padron.callao.east, "AJENA-1")
    for browser in (padron.office, padron.comisario):
        page = browser.ask("GET", LIST).text
        assert "3 juntas vencen en los próximos 60 días. 2, en los próximos 15." in page
        assert "1 ya venció." in page
        assert page.index("JV-4") < page.index("JV-3") < page.index("JV-1") < page.index("JV-2")
        assert "(1 mujer, 1 hombre)" in page
        assert "Sin acceso" in page
        assert "AJENA" not in page


def test_the_list_is_searched_and_filtered(padron: Padron):
    a_junta(padron.west, "JV-1", name="Los Claveles")
    a_junta(padron.west, "JV-2", until=today() + timedelta(days=5))
    ask = padron.office.ask

    def codes(query: str) -> list[bool]:
        page = ask("GET", f"{LIST}?{query}").text
        return [f">{code}</td>" in page for code in ("JV-1", "JV-2")]

    assert codes("buscar=clav") == [True, False]
    assert codes("buscar=jv-2") == [False, True]
    assert codes("estado=por_vencer") == [False, True]
    assert codes("estado=vigente") == [True, False]
    assert codes("estado=inventado") == [True, True]
    assert codes("buscar=%25") == [False, False]
    assert "Ninguna junta coincide" in ask("GET", f"{LIST}?buscar=nada").text


def test_fifty_at_a_time(padron: Padron):
    for number in range(PAGE_ROWS + 1):
        a_junta(padron.west, f"JV-{number:03}", box=None)
    first = padron.office.ask("GET", LIST)
    following = value_of_link(first.text)
    second = padron.office.ask("GET", following)
    assert (first.text.count("<tr>"), second.text.count("<tr>")) == (PAGE_ROWS + 1, 2)
    assert "Siguientes" not in second.text
    assert padron.office.ask("GET", f"{LIST}?despues=nada").status_code == 200


def value_of_link(page: str) -> str:
    return page.split('">Siguientes')[0].rsplit('href="', 1)[1].replace("&amp;", "&")


def test_every_reading_of_a_list_is_written_down(padron: Padron):
    junta_id = a_junta(padron.west).id
    padron.office.ask("GET", LIST)
    padron.comisario.ask("GET", address(junta_id))
    assert trail("padron_list_read") == [{}, {"junta": str(junta_id)}]


# Registering and correcting


def test_a_junta_is_registered(padron: Padron):
    answer = padron.office.ask("POST", f"{LIST}/nueva", new_junta())
    junta = padron.junta("JV-7")
    assert answer.location == address(junta.id)
    assert junta.valid_until >= today() + timedelta(days=729)
    page = padron.office.ask("GET", answer.location).text
    assert "La junta quedó registrada" in page
    assert "Acta 7-2026" in page
    assert "Se registró la junta" in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("codigo", "ñandú"),
        ("nombre", ""),
        ("ambito", "galaxia"),
        ("acto", ""),
        ("desde", "31/02/2026"),
        ("reconocida", ""),
        ("hasta", "2020-01-01"),
    ],
)
def test_a_wrong_field_keeps_the_others(padron: Padron, field: str, typed: str):
    sent = new_junta(acto="Acta «7»", codigo="JV-77") | {field: typed}
    page = padron.office.ask("POST", f"{LIST}/nueva", sent)
    assert page.status_code == 422
    assert has_error(page, field), page.text
    for kept in {"codigo", "nombre", "acto"} - {field}:
        assert value_of(page, kept) == sent[kept]
    assert db.session.scalar(select(func.count(JuntaTerm.id))) == 0


def test_a_code_is_used_once_in_a_comisaria(padron: Padron):
    a_junta(padron.callao.east, "JV-7")
    assert padron.office.ask("POST", f"{LIST}/nueva", new_junta()).status_code == 303
    page = padron.office.ask("POST", f"{LIST}/nueva", new_junta())
    assert page.status_code == 422
    assert has_error(page, "codigo")


def test_a_junta_is_corrected(padron: Padron):
    junta_id = a_junta(padron.west).id
    form = padron.office.ask("GET", address(junta_id, "/editar"))
    assert (value_of(form, "codigo"), value_of(form, "nombre")) == ("JV-001", "Junta JV-001")
    sent = {"codigo": "jv-9", "nombre": "Otra", "ambito": "barrio"}
    assert padron.office.ask("POST", address(junta_id, "/editar"), sent).status_code == 303
    assert padron.junta("JV-9").scope == "barrio"
    wrong = padron.office.ask("POST", address(junta_id, "/editar"), sent | {"nombre": ""})
    assert (wrong.status_code, value_of(wrong, "codigo")) == (422, "jv-9")


# Renewing and dissolving


def test_a_renewal_keeps_the_history(padron: Padron):
    junta = a_junta(padron.west, until=today() + timedelta(days=9))
    junta_id, first = junta.id, (today() + timedelta(days=10)).isoformat()
    page = padron.office.ask("GET", address(junta_id))
    assert "Renuévela antes" in page.text
    assert value_of(page, "desde") == first
    sent = {"acto": "Acta 8", "reconocida": today().isoformat(), "desde": first, "hasta": ""}
    early = sent | {"desde": today().isoformat()}
    refused = padron.office.ask("POST", address(junta_id, "/renovar"), early)
    assert refused.status_code == 422
    assert has_error(refused, "desde")
    assert value_of(refused, "acto") == "Acta 8"
    assert padron.office.ask("POST", address(junta_id, "/renovar"), sent).status_code == 303
    assert len(terms_of(junta_id)) == 2
    page = padron.office.ask("GET", address(junta_id)).text
    assert "La junta quedó renovada. El acceso de su coordinador se renueva aparte" in page
    assert "Acta 8" in page
    assert "Acta JV-001" in page


def test_a_dissolved_junta_is_only_read(padron: Padron):
    junta_id = a_junta(padron.west).id
    sent = {"motivo": "", "fecha": today().isoformat()}
    refused = padron.office.ask("POST", address(junta_id, "/disolver"), sent)
    assert refused.status_code == 422
    assert has_error(refused, "motivo")
    assert "Revise lo marcado" in refused.text
    sent["motivo"] = "fusion"
    assert padron.office.ask("POST", address(junta_id, "/disolver"), sent).status_code == 303
    page = padron.office.ask("GET", address(junta_id)).text
    assert "Se unió a otra junta" in page
    for act in ("/renovar", "/disolver", "/editar", "/area", "/integrantes/nuevo"):
        assert address(junta_id, act) not in page
    again = padron.office.ask("POST", address(junta_id, "/disolver"), sent)
    assert (again.status_code, "está disuelta" in again.text) == (409, True)


# Who


def test_the_comisario_reads_and_does_nothing(padron: Padron):
    junta = a_junta(padron.west)
    member = a_member(junta, "coordinador")
    page = padron.comisario.ask("GET", address(junta.id))
    assert page.status_code == 200
    assert "Miembro 1" in page.text
    acts = ("renovar", "disolver", "editar", "nombres", "integrantes", "/acceso")
    assert not [act for act in acts if act in page.text.split("<main")[1]], page.text
    for act in ("/renovar", "/disolver", "/editar", "/nombres", "/area"):
        assert padron.comisario.ask("POST", address(junta.id, act)).status_code == 403
    assert padron.comisario.ask("GET", f"{LIST}/integrantes/{member.id}").status_code == 403


def test_another_office_finds_nothing(padron: Padron):
    member = a_member(a_junta(padron.west), "coordinador")
    junta_id, member_id = member.junta_id, member.id
    for act in ("", "/editar", "/area", "/integrantes/nuevo", "/nombres"):
        assert padron.neighbour.ask("GET", address(junta_id, act)).status_code == 404, act
    assert padron.neighbour.ask("GET", f"{LIST}/integrantes/{member_id}").status_code == 404
    assert padron.neighbour.ask("GET", f"{LIST}/integrantes/{member_id}/acceso").status_code == 404
