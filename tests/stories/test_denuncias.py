"""Six stories of a denuncia or queja, each followed to its end by staff and author."""

import json
import re
from time import perf_counter
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from admin import moments
from backend import clock
from backend.db import db
from backend.reports.models import Report
from backend.reports.numbers import new_number
from backend.riskmap import services as riskmap
from backend.riskmap.models import RiskFact
from deploy import verify_constancia
from tests.pages.test_denuncia import tell_a_theft
from tests.stories.people import Author

KEY = re.compile(r"^Clave \w{4}-\w{4}$")
NAMES = ("Inventada", "40000001", "900000001", "Jirón Inventado")


def the_report(numero: str) -> Report:
    db.session.rollback()
    return db.session.scalars(select(Report).where(Report.numero == numero)).one()


# Loss of documents


def denounce_lost_papers(author: Author) -> None:
    author.chooses("perdida_documentos", "Qué perdiste")
    author.page.get_by_label("Qué documento").select_option("DNI")
    author.writes(documentos__0__identidad__numero="40000001")
    author.goes_on("Cómo pasó")
    author.writes(hecho__relato="Bajé del bus y ya no tenía la billetera")
    author.writes(hecho__desde="2025-11-11")
    author.marks("Solo la parte del día")
    author.page.get_by_label("Parte del día", exact=True).select_option("tarde")
    author.writes_the_place("Paradero del mercado")
    author.goes_on("Quién denuncia")
    author.tells_who_denounces()
    author.goes_on("Tu seguridad")
    author.goes_on("¿Tienes fotos?")
    author.goes_on("Revisa antes de enviar")
    author.sends()


def constancia_of(author: Author, folder) -> str:
    with author.page.expect_download() as download:
        author.page.get_by_role("button", name="Descargar constancia").click()
    kept = folder / download.value.suggested_filename
    download.value.save_as(kept)
    return str(kept)


@pytest.fixture
def published_keys(live_server, tmp_path) -> str:
    """The keys as a stranger downloads them."""
    kept = tmp_path / "llaves.json"
    with urlopen(f"{live_server}/constancia/llaves.json") as answer:
        kept.write_bytes(answer.read())
    return str(kept)


def test_lost_documents_are_received_answered_and_closed(
    author, town, desk_of, published_keys, tmp_path, capsys
):
    denounce_lost_papers(author)
    town.work()
    author.follows()
    author.reads("Nadie lo ha visto aún", "Deben responderte a más tardar el")
    desk = desk_of(town.callao.west)
    desk.opens(author.numero)
    desk.reads("Perdí mis documentos", "Bajé del bus y ya no tenía la billetera", "Vence el")
    desk.finds_nowhere(*NAMES)
    desk.receives()
    desk.answers("Con su constancia ya puede pedir su nuevo DNI.")
    author.looks_again()
    author.reads("Con su constancia ya puede pedir su nuevo DNI.")
    desk.closes("Pérdida registrada")
    author.looks_again()
    author.reads_the_steps(
        "Recibimos tu denuncia.",
        "Llegó a Comisaría WEST.",
        "Una persona de Comisaría WEST lo recibió.",
        "La pérdida quedó registrada. Ya puedes pedir tus documentos nuevos.",
    )
    author.finds_nowhere(*NAMES)
    pdf = constancia_of(author, tmp_path)
    assert verify_constancia.main([pdf, "--keys", published_keys]) == 0
    said = capsys.readouterr().out
    assert author.numero in said
    assert not [name for name in NAMES if name in said]


# Theft of a phone


class Watched:
    """How long a page takes from its first visit, and what goes over the network meanwhile."""

    def __init__(self, author: Author) -> None:
        self.requests: list = []
        self.page = author.page
        self.page.on("requestfinished", lambda one: self.requests.append(one))
        self.began = perf_counter()

    def stop(self) -> dict[str, float]:
        seconds = perf_counter() - self.began
        self.page.wait_for_load_state("networkidle")
        sizes = [one.sizes() for one in self.requests]
        return {
            "form_seconds": round(seconds, 2),
            "requests": len(sizes),
            "bytes_sent": sum(one["requestBodySize"] + one["requestHeadersSize"] for one in sizes),
            "body_bytes_sent": sum(one["requestBodySize"] for one in sizes),
            "bytes_received": sum(
                one["responseBodySize"] + one["responseHeadersSize"] for one in sizes
            ),
        }


def test_a_stolen_phone_goes_to_the_fiscalia(author, town, desk_of, request):
    watched = Watched(author)
    tell_a_theft(author.page)
    author.sends()
    request.node.user_properties.extend(watched.stop().items())
    town.work()

    desk = desk_of(town.callao.west)
    desk.opens(author.numero)
    desk.reads("490154203237518", "Sin recibir")
    desk.finds_nowhere("Inventada", "40000001")
    desk.receives()
    desk.puts_in_charge(town.operador.staff.display_name)
    desk.records("Enviada a la fiscalía", fiscalia="Segunda de Callao", numero="1234-2026")
    desk.opens_the_identity("Denunciante", "llamar_al_denunciante", "Hay que citarla el martes")
    desk.reads("Persona", "Inventada", "40000001")
    desk.closes_the_identity()
    desk.finds_nowhere("Inventada", "40000001")

    author.follows()
    author.reads_the_steps(
        "Recibimos tu denuncia.",
        "Llegó a Comisaría WEST.",
        "Una persona de Comisaría WEST lo recibió.",
        "Ya hay una persona encargada de investigar.",
        "Tu caso pasó a la fiscalía Segunda de Callao con el número 1234-2026.",
    )
    author.reads("Tu identidad fue abierta 1 vez por 1 persona.")
    author.finds_nowhere(town.operador.staff.display_name)
    desk.closes("Sigue en la fiscalía", "Lo investiga la fiscalía")
    author.looks_again()
    author.reads("Pregunta allí con el número que te dimos.")


# Burglary


def denounce_a_burglary(author: Author, jpeg: bytes) -> None:
    page = author.page
    author.chooses("robo_casa_denuncia", "Qué pasó")
    author.marks("En una casa, sin que nadie se diera cuenta")
    author.writes(hecho__relato="Entraron por la ventana mientras trabajábamos")
    author.writes(hecho__desde="2025-11-11")
    author.marks("Solo la parte del día")
    page.get_by_label("Parte del día", exact=True).select_option("manana")
    author.presses("Usar mi ubicación")
    author.reads("muy precisa (a unos 12 m)")
    page.get_by_label("Referencia (opcional)").fill("Casa de dos pisos, puerta verde")
    author.goes_on("Qué se llevaron")
    author.presses("Agregar una cosa")
    author.writes(otros_bienes__0__descripcion="Televisor")
    author.goes_on("Quién fue y quién lo vio")
    author.goes_on("Quién denuncia")
    author.tells_who_denounces("A alguien de mi familia")
    name_the_harmed(author, "Primera", "Segunda")
    author.goes_on("Tu seguridad")
    author.marks("Quiero que mi nombre quede en reserva")
    author.goes_on("¿Tienes fotos?")
    for _ in range(2):
        author.adds_a_photo(jpeg)
    author.goes_on("Revisa antes de enviar")
    author.reads("Pediste reserva", "2 fotos")
    author.sends()


def name_the_harmed(author: Author, *names: str) -> None:
    for index, name in enumerate(names):
        author.writes(
            **{
                f"agraviados__{index}__identidad__nombres": name,
                f"agraviados__{index}__identidad__apellido_paterno": "Inventada",
            }
        )
        if name != names[-1]:
            author.presses("Agregar a otra persona")


def test_a_burglary_with_two_harmed_is_kept_in_reserve(author, town, desk_of, jpeg):
    secrets = (*NAMES, "Primera", "Segunda", "puerta verde", "Coordenadas")
    denounce_a_burglary(author, jpeg)
    town.work()
    desk = desk_of(town.callao.west)
    desk.opens(author.numero)
    desk.reads("Identidad reservada", "Televisor", "Para notificar, en lugar del domicilio")
    persons = desk.page.locator(".persona strong")
    expect(persons).to_have_text([KEY, KEY, KEY, "Lugar exacto"])
    desk.finds_nowhere(*secrets, "Abrir identidad", "Ver el lugar exacto")
    assert the_report(author.numero).point is None
    desk.receives()

    chief = desk_of(town.callao.west, "comisario")
    chief.opens(author.numero)
    chief.finds_nowhere(*secrets)
    chief.opens_the_identity("Denunciante", "proteccion", "Pidió que la cuidemos en su casa")
    chief.reads("Inventada", "40000001")
    chief.closes_the_identity()

    author.follows()
    author.reads("Tu nombre está en reserva", "abierta 1 vez por 1 persona")
    author.adds_to_the_case("Encontré huellas en la ventana", jpeg)
    town.work()
    desk.looks()
    desk.reads("Espera respuesta", "3 fotos")
    desk.opens(author.numero)
    desk.reads("Encontré huellas en la ventana")
    desk.records("Archivada", detalle="No hay cámaras ni testigos por ahora")
    author.looks_again()
    author.reads("El caso se archivó por ahora.")
    author.reads("Archivado por ahora", "No hay cámaras ni testigos por ahora")
    author.disagrees("Mi vecina sí vio la camioneta")
    desk.opens(author.numero)
    desk.reads("Mi vecina sí vio la camioneta", "Sin recibir")


# Queja against a comisaría


def complain_of_west(author: Author) -> None:
    author.chooses("maltrato_policial", "De qué comisaría")
    author.marks("De una comisaría o unidad")
    author.page.get_by_role("searchbox", name="Cuál").fill("west")
    author.page.get_by_label("Comisaría WEST").check()
    author.goes_on("Qué pasó")
    author.writes(hecho__relato="No quisieron recibir mi denuncia y me insultaron")
    author.writes_the_place()
    author.goes_on("Quién fue")
    author.goes_on("¿Tienes fotos?")
    author.goes_on("Revisa antes de enviar")
    author.sends()


def test_a_queja_is_answered_past_the_comisaria(author, town, desk_of, second_phone, shift):
    callao = town.callao
    complain_of_west(author)
    author.keeps_nothing()
    town.work()
    cud = desk_of(town.cud)
    cud.sees_nothing_of(author.numero)
    shift.begins()
    town.work()
    report = the_report(author.numero)
    other = desk_of(callao.west)
    for officer in (
        town.operador,
        town.officer("comisario", callao.west),
        town.officer("supervisor", callao.divpol),
        town.officer("supervisor", callao.region),
    ):
        other.changes_hands(officer)
        other.sees_nothing_of(author.numero)
        other.finds_no_page_at(f"/panel/casos/{report.id}")

    cud.looks()
    card = cud.card(author.numero)
    expect(card).to_contain_text(moments.band_words(report.received_at, clock.now()))
    assert card.locator("time").count() == 0
    cud.opens(author.numero)
    assert report.answer_by > clock.in_lima(clock.now()).date()
    cud.reads("Vence el", "Comisaría WEST", "No quisieron recibir mi denuncia y me insultaron")
    cud.receives()
    cud.records("Respuesta final", detalle="Hablamos con quien lo atendió y se le corrigió.")
    later = second_phone()
    later.follows(author)
    later.reads("La unidad terminó de revisar tu caso y te respondió.")
    later.reads("Hablamos con quien lo atendió y se le corrigió.", "No sabemos quién eres")
    later.keeps_nothing()
    later.finds_nowhere("Deben responderte")


# A point of sale of drugs


def tell_of_a_drug_point(author: Author) -> None:
    author.chooses("punto_de_drogas", "Qué pasa")
    author.writes(hecho__relato="Venden de noche en la esquina del parque")
    author.writes_the_place("Cerca del parque")
    author.goes_on("Qué más sabes")
    author.goes_on("La policía")
    author.goes_on("¿Tienes fotos?")
    author.goes_on("Revisa antes de enviar")
    author.sends()


def test_a_drug_point_serves_an_investigation_and_no_map(author, town, desk_of, shift):
    tell_of_a_drug_point(author)
    shift.begins()
    town.work()
    desk_of(town.callao.west).sees_nothing_of(author.numero)
    desk = desk_of(town.drugs_desk)
    desk.opens(author.numero)
    desk.receives()
    desk.closes("La información sirvió para investigar")
    town.work()
    riskmap.rebuild(town.parts.catalog)
    assert db.session.scalars(select(RiskFact)).all() == []
    author.follows()
    author.reads("Lo que contaste ya sirve para investigar. Por seguridad no podemos contar más.")
    author.keeps_nothing()


# "Me piden cupo"


def tell_of_a_cupo(author: Author) -> None:
    author.chooses("cobro_de_cupos", "Qué pasa")
    author.can_call("111")
    author.writes(hecho__relato="Me dejaron una nota pidiendo plata cada semana")
    author.presses("Marcar la zona en el mapa")
    author.presses("Usar esta zona")
    author.reads("Zona marcada por ti en el mapa")
    author.goes_on("Cuánto y quiénes")
    author.goes_on("La policía")
    author.goes_on("¿Tienes fotos?")
    author.goes_on("Revisa antes de enviar")
    author.sends()


def answer_by_number_alone(someone: Author, numero: str) -> str:
    someone.page.goto("/seguimiento")
    someone.page.get_by_label("Número").fill(numero)
    with someone.page.expect_response("**/api/v1/seguimiento") as answer:
        someone.presses("Ver")
    said = answer.value
    body = json.dumps(said.json()).replace(numero, "…")
    return f"{said.status} {body}"


def test_a_cupo_reaches_its_desk_at_once(author, town, desk_of, second_phone):
    tell_of_a_cupo(author)
    town.work()
    report = the_report(author.numero)
    assert report.point is None
    assert report.cell
    desk = desk_of(town.callao.extortion_desk)
    desk.opens(author.numero)
    desk.receives()
    stranger = second_phone()
    unknown = answer_by_number_alone(stranger, new_number())
    assert answer_by_number_alone(stranger, author.numero) == unknown
    assert unknown.startswith("404")
    author.follows()
    author.reads("Una persona de", "lo recibió")
