"""Checking a constancia: by the QR's address, typed, from the PDF, and without scripts."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from backend import clock
from backend.constancia.services import issue
from backend.constancia.typst_client import typeset
from tests.constancia.examples import ADDRESS, NUMERO, SALT, content
from tests.pages.test_quality import audited, serious_problems

__all__ = ["audited"]
GOOD = "Es auténtica"


@pytest.fixture
def payload(parts):
    """A constancia that this installation signed just now."""
    return issue(parts.settings.keys, NUMERO, clock.now(), content(), SALT)


@pytest.fixture
def sent(phone):
    """Every request that the page makes, with its body."""
    found: list[str] = []
    phone.on("request", lambda one: found.append(f"{one.url} {one.post_data}"))
    return found


def changed(code: str) -> str:
    return code[:60] + ("0" if code[60] != "0" else "1") + code[61:]


def pdf_file(payload, text: str | None = None) -> dict[str, object]:
    made = typeset(text or payload.text, ADDRESS)
    return {"name": "constancia.pdf", "mimeType": "application/pdf", "buffer": made}


def test_the_address_of_the_qr_is_checked_and_forgotten(phone, callao, payload, sent):
    phone.goto(f"/constancia#{payload.code}")
    expect(phone.get_by_role("heading", name=GOOD)).to_be_visible()
    expect(phone.get_by_text(NUMERO)).to_be_visible()
    assert phone.url.endswith("/constancia")
    assert not [one for one in sent if payload.code in one.partition("#")[0] or NUMERO in one]


def test_one_changed_digit_is_not_good(phone, callao, payload):
    phone.goto(f"/constancia#{changed(payload.code)}")
    expect(phone.get_by_role("heading", name="No es válida")).to_be_visible()
    expect(phone.get_by_role("alert")).to_contain_text("no es el que se firmó")
    assert NUMERO not in phone.content()


def test_a_second_scan_into_the_same_tab_is_checked_too(phone, callao, payload):
    phone.goto(f"/constancia#{changed(payload.code)}")
    expect(phone.get_by_role("heading", name="No es válida")).to_be_visible()
    phone.goto(f"/constancia#{payload.code}")
    expect(phone.get_by_role("heading", name=GOOD)).to_be_visible()


def test_a_typed_code_is_checked_after_its_slips_are_mended(phone, callao, payload):
    phone.goto("/constancia")
    code = phone.get_by_label("Código de la constancia")
    code.fill(payload.code[:-1])
    phone.get_by_role("button", name="Comprobar").click()
    expect(phone.get_by_text("El código está incompleto")).to_be_visible()
    expect(code).to_be_focused()
    in_groups = " ".join(payload.code[start : start + 5] for start in range(0, 149, 5))
    code.fill(in_groups.lower())
    phone.get_by_role("button", name="Comprobar").click()
    expect(phone.get_by_role("heading", name=GOOD)).to_be_visible()
    phone.get_by_role("button", name="Comprobar otra").click()
    expect(code).to_have_value("")


def test_the_pdf_is_checked_with_what_it_says_and_stays_on_the_phone(phone, callao, payload, sent):
    phone.goto("/constancia")
    phone.get_by_label("O elige el archivo PDF").set_input_files(pdf_file(payload))
    expect(phone.get_by_role("heading", name=GOOD)).to_be_visible()
    expect(phone.get_by_text("Dos hombres me quitaron el celular.")).to_be_visible()
    expect(phone.get_by_text("IMEI: 356938035643809")).to_be_visible()
    assert not [one for one in sent if " None" not in one]


def test_a_pdf_whose_words_were_changed_is_not_good(phone, callao, payload):
    phone.goto("/constancia")
    forged = payload.text.replace("Dos hombres", "Tres hombres")
    phone.get_by_label("O elige el archivo PDF").set_input_files(pdf_file(payload, forged))
    expect(phone.get_by_role("heading", name="No es válida")).to_be_visible()
    expect(phone.get_by_role("alert")).to_contain_text("Lo escrito no es lo que se firmó")


def test_another_file_is_told_kindly(phone, callao):
    phone.goto("/constancia")
    other = {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 stream\nhola"}
    phone.get_by_label("O elige el archivo PDF").set_input_files(other)
    expect(phone.get_by_text("no trae una constancia de Yo Alerto")).to_be_visible()


def test_an_old_phone_checks_the_code_and_says_why_not_the_file(phone, callao, payload):
    # Chrome 80 has DecompressionStream, Firefox 112 and Safari 16.3 do not; none has Ed25519.
    phone.add_init_script("delete window.DecompressionStream; delete Array.prototype.at;")
    phone.goto("/constancia")
    phone.get_by_label("O elige el archivo PDF").set_input_files(pdf_file(payload))
    expect(phone.get_by_text("Este navegador no puede leer el archivo")).to_be_visible()
    phone.get_by_label("Código de la constancia").fill(payload.code)
    phone.get_by_role("button", name="Comprobar").click()
    expect(phone.get_by_role("heading", name=GOOD)).to_be_visible()


def test_a_browser_that_cannot_check_offers_to_send_the_code(phone, callao, payload):
    # As over plain HTTP in somebody's own network.
    phone.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    phone.goto(f"/constancia#{payload.code}")
    expect(phone.get_by_label("Código de la constancia")).to_have_value(payload.code)
    phone.get_by_role("button", name="Comprobar").click()
    expect(phone.get_by_role("status")).to_contain_text(GOOD)


def test_without_the_keys_nothing_is_called_invalid(phone, callao, payload):
    phone.route("**/constancia/llaves.json", lambda route: route.abort())
    phone.goto(f"/constancia#{payload.code}")
    expect(phone.get_by_role("alert")).to_contain_text("Revisa tu señal")


def test_without_scripts_the_server_checks_and_keeps_nothing(open_phone, callao, payload):
    page = open_phone(java_script_enabled=False)
    page.goto("/constancia")
    page.get_by_label("Código de la constancia").fill(payload.code.lower())
    page.get_by_role("button", name="Comprobar").click()
    expect(page.get_by_role("status")).to_contain_text(GOOD)
    expect(page.get_by_role("status")).to_contain_text(NUMERO)
    page.get_by_label("Código de la constancia").fill(changed(payload.code))
    page.get_by_role("button", name="Comprobar").click()
    expect(page.get_by_role("alert")).to_contain_text("no es el que se firmó")
    assert payload.code not in page.url


def test_the_form_answers_each_verdict_in_words(client, payload, parts):
    def post(code: str):
        return client.post("/constancia", data={"codigo": code})

    early = issue(parts.settings.keys, NUMERO, clock.now() - timedelta(days=9), content(), SALT)
    assert "Dice una hora que no puede ser" in post(early.code).text
    assert "Yo Alerto no firmó este código" in post("1ZZZ" + payload.code[4:]).text
    unreadable = post("<script>x")
    assert unreadable.status_code == 422
    assert "&lt;script&gt;x" in unreadable.text
    assert post("").status_code == 422


def test_the_keys_are_published_for_anybody_to_keep(client, parts):
    answer = client.get("/constancia/llaves.json")
    (key,) = answer.json["llaves"]
    assert len(bytes.fromhex(key["publica"])) == 32
    assert (key["version"], key["hasta"]) == (1, None)
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    _, secret = parts.settings.keys.current("constancia")
    assert secret.hex() not in answer.text


def test_axe_finds_nothing_serious(audited, callao, payload):
    audited.goto("/constancia")
    expect(audited.get_by_label("O elige el archivo PDF")).to_be_visible()
    assert serious_problems(audited) == []
    audited.get_by_label("O elige el archivo PDF").set_input_files(pdf_file(payload))
    expect(audited.get_by_role("heading", name=GOOD)).to_be_visible()
    assert serious_problems(audited) == []
    assert audited.evaluate("document.documentElement.scrollWidth <= innerWidth")
