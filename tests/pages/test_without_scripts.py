"""The pages of a browser without JavaScript: alerting and following still work."""

import io
import re

import pytest
from playwright.sync_api import expect

from backend.media.models import Attachment
from tests.builders import count, datos, send


@pytest.fixture
def plain_phone(open_phone):
    return open_phone(java_script_enabled=False)


def test_an_alert_with_one_photo(plain_phone, callao, jpeg):
    page = plain_phone
    page.goto("/")
    page.get_by_label("Me están robando o vi un robo").check()
    page.get_by_label("Distrito").select_option("070101")
    page.get_by_label("Referencia").fill("Frente al mercado")
    page.get_by_label("Una foto (opcional)").set_input_files(
        {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
    )
    page.get_by_role("button", name="Enviar alerta").click()
    expect(page.get_by_role("heading", name="Yo Alerto recibió tu alerta")).to_be_visible()
    expect(page.get_by_text("Nadie lo ha visto aún")).to_be_visible()
    assert re.fullmatch(r"YA-\w{4}-\w{4}-\w", page.locator("#numero").inner_text())
    assert count(Attachment.__tablename__) == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(plain_phone, callao):
    page = plain_phone
    page.goto("/")
    page.get_by_label("Daños o pintas").check()
    page.get_by_label("Cuéntanos más (opcional)").fill("Pintaron el colegio")
    page.get_by_role("button", name="Enviar alerta").click()
    expect(page.get_by_role("alert")).to_contain_text("No pudimos recibir tu alerta")
    expect(page.get_by_text("Escribe el distrito o una referencia del lugar.")).to_be_visible()
    expect(page.get_by_label("Cuéntanos más (opcional)")).to_have_value("Pintaron el colegio")
    expect(page.get_by_label("Daños o pintas")).to_be_checked()


def test_following_with_number_and_clave(plain_phone, client, callao, work):
    receipt = send(client, datos()).json
    work()
    page = plain_phone
    page.goto("/seguimiento")
    page.get_by_label("Número").fill(receipt["numero"].lower())
    page.get_by_label("Clave").fill(receipt["clave"])
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page.get_by_role("heading", name=f"Caso {receipt['numero']}")).to_be_visible()
    expect(page.get_by_text("Recibimos tu reporte.")).to_be_visible()
    assert receipt["numero"] not in page.url


def hidden(html: str) -> dict[str, str]:
    """The key and the credential that a form carries."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html))


def filled(client, **changes):
    typed = {"categoria": "robo", "distrito": "Callao", "referencia": "Mercado"}
    return {**typed, **hidden(client.get("/").text), **changes}


def post(client, form):
    return client.post("/alerta", data=form, content_type="multipart/form-data")


def test_pressing_send_twice_makes_one_report(client, callao):
    form = filled(client)
    first, second = post(client, dict(form)), post(client, dict(form))
    assert (first.status_code, second.status_code) == (201, 201)
    number = re.compile(r"YA-\w{4}-\w{4}-\w")
    assert number.search(first.text)[0] == number.search(second.text)[0]
    assert count("report") == 1


def test_a_form_without_its_credential_gets_a_fresh_one_and_keeps_its_words(client, callao):
    answer = post(client, filled(client, credencial="otra", descripcion="Dos en una moto"))
    assert answer.status_code == 401
    assert "Dos en una moto" in answer.text
    assert post(client, filled(client) | hidden(answer.text)).status_code == 201


def test_a_sensible_matter_goes_by_district_and_words(client, callao):
    assert post(client, filled(client, categoria="extorsion")).status_code == 201
    assert count("report WHERE is_sensible AND point IS NULL") == 1


def test_a_pdf_named_jpg_is_refused_and_leaves_nothing(client, callao):
    photo = (io.BytesIO(b"%PDF-1.7 " + b"x" * 100_000), "foto.jpg")
    answer = post(client, filled(client, foto=photo))
    assert answer.status_code == 422
    assert "Elige tu foto otra vez" in answer.text
    assert count("report") == 0
    assert count(Attachment.__tablename__) == 0


def test_no_page_sets_a_cookie(client, callao):
    for path in ("/", "/seguimiento", "/emergencias", "/mapa", "/privacidad"):
        assert "Set-Cookie" not in client.get(path).headers


def test_a_wrong_number_answers_404_with_the_form(client, callao):
    answer = client.post("/seguimiento", data={"numero": "YA-0000-0000-0", "clave": ""})
    assert answer.status_code == 404
    assert 'name="clave"' in answer.text
