"""Signing in: one-time password, second factor, recovery codes, and everything that is refused."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pyotp
import pytest
from flask.testing import FlaskClient
from freezegun import freeze_time
from passlib.context import CryptContext
from sqlalchemy import select

from backend.db import db
from backend.identity import services as identity
from backend.identity.models import AuditEntry, Staff
from tests.builders import a_member_of_staff
from tests.panel.conftest import csrf_token, sign_in, token_in

PASSWORD = "clave larga de verdad"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with freeze_time(NOON) as frozen:
        yield frozen


def post(client: FlaskClient, url: str, **fields: str):
    """Send a form of the panel, with a token of this session."""
    token = token_in(client.get("/panel/ninguna").text)  # the sign-in page would start over
    return client.post(url, data={"csrf_token": token, **fields})


def an_account(username: str = "rosa") -> str:
    """A new account; returns its one-time password."""
    return identity.create_staff(
        username, "Rosa", roles=["auditor"], unit_id=None, by=None, now=datetime.now(UTC)
    )


def enrol(client: FlaskClient, one_time: str, username: str = "rosa") -> pyotp.TOTP:
    """The first sign-in up to the new password; returns the authenticator."""
    answer = post(client, "/panel/entrar", username=username, password=one_time)
    assert answer.location == "/panel/segundo-factor"
    page = post(client, "/panel/segundo-factor", setup="authenticator").text
    secret = re.search(r'id="llave">([^<]+)<', page)[1].replace("-", "").replace(" ", "")
    authenticator = pyotp.TOTP(secret)
    token = token_in(page)
    answer = client.post("/panel/codigo", data={"csrf_token": token, "code": authenticator.now()})
    assert answer.location == "/panel/"
    return authenticator


def change_password(client: FlaskClient, old: str, new: str = PASSWORD):
    token = token_in(client.get("/panel/clave").text)
    fields = {"password": old, "new_password": new, "new_password_confirm": new}
    return client.post("/panel/clave", data={"csrf_token": token, **fields})


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def the_staff(username: str = "rosa") -> Staff:
    db.session.rollback()
    return db.session.scalars(select(Staff).where(Staff.username == username)).unique().one()


def test_first_sign_in_enrols_a_factor_and_changes_the_password(client, clock):
    one_time = an_account()
    enrol(client, one_time)
    assert client.get("/panel/").location == "/panel/clave"
    assert client.get("/panel/mi-cuenta").location == "/panel/clave"
    assert change_password(client, one_time).location == "/panel/"
    assert client.get("/panel/").location == "/panel/codigos-de-recuperacion"
    assert client.get("/panel/mi-cuenta").status_code == 200
    assert actions() == [
        "staff_created",
        "second_factor_enrolled",
        "signed_in",
        "password_changed",
    ]


def test_the_second_factor_shows_a_picture_and_the_key(client, clock):
    post(client, "/panel/entrar", username="rosa", password=an_account())
    page = post(client, "/panel/segundo-factor", setup="authenticator").text
    assert 'src="data:image/svg+xml;base64,' in page
    assert "style=" not in page


def test_a_first_code_mistyped_does_not_hide_the_key_for_good(client, clock):
    post(client, "/panel/entrar", username="rosa", password=an_account())
    post(client, "/panel/segundo-factor", setup="authenticator")
    page = post(client, "/panel/codigo", code="000000").text
    assert "código de recuperación" not in page  # nobody has one yet
    assert "Mostrar otra llave" in page
    page = post(client, "/panel/segundo-factor", setup="authenticator").text
    secret = re.search(r'id="llave">([^<]+)<', page)[1].replace("-", "").replace(" ", "")
    answer = post(client, "/panel/codigo", code=pyotp.TOTP(secret).now())
    assert answer.location == "/panel/"


def test_a_later_sign_in_asks_for_a_code(client, clock):
    one_time = an_account()
    authenticator = enrol(client, one_time)
    change_password(client, one_time)
    clock.tick(timedelta(minutes=5))
    other = client.application.test_client()
    answer = post(other, "/panel/entrar", username=" Rosa ", password=PASSWORD)
    assert answer.location == "/panel/codigo?next=/panel/"
    assert other.get("/panel/mi-cuenta").status_code == 303
    answer = post(other, "/panel/codigo", code=authenticator.now())
    assert answer.location == "/panel/"
    assert other.get("/panel/mi-cuenta").status_code == 200


def test_a_code_is_good_once(client, clock):
    one_time = an_account()
    authenticator = enrol(client, one_time)
    change_password(client, one_time)
    other = client.application.test_client()
    post(other, "/panel/entrar", username="rosa", password=PASSWORD)
    answer = post(other, "/panel/codigo", code=authenticator.now())
    assert answer.status_code == 200
    assert "ya se usó" in answer.text
    assert other.get("/panel/mi-cuenta").status_code == 303


def test_a_recovery_code_stands_in_for_the_factor_once(client, clock):
    one_time = an_account()
    enrol(client, one_time)
    change_password(client, one_time)
    token = csrf_token(client)
    page = client.post("/panel/codigos-de-recuperacion", data={"csrf_token": token}).text
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in str(the_staff().mf_recovery_codes)
    assert codes[0] not in client.get("/panel/codigos-de-recuperacion?show_codes=1").text
    for expected in (303, 200):
        other = client.application.test_client()
        post(other, "/panel/entrar", username="rosa", password=PASSWORD)
        answer = post(other, "/panel/codigo-de-recuperacion", code=codes[0].upper())
        assert (303 if answer.location else answer.status_code) == expected
    assert "recovery_code_used" in actions()
    assert "sign_in_refused" in actions()


def test_wrong_password_and_unknown_user_are_told_alike(client):
    an_account()
    answers = [
        post(client, "/panel/entrar", username=name, password="no es esta")
        for name in ("rosa", "nadie")
    ]
    texts = [
        re.sub(r'(content|value)="[^"]*"', "", answer.text.replace("nadie", "rosa"))
        for answer in answers
    ]
    assert texts[0] == texts[1]
    assert "El usuario o la clave no son correctos." in texts[0]
    refused = db.session.execute(
        select(AuditEntry.staff_id, AuditEntry.details).where(
            AuditEntry.action == "sign_in_refused"
        )
    ).all()
    assert [row.staff_id is None for row in refused] == [False, True]
    assert all(row.details == {"step": "password"} for row in refused)


def test_a_disabled_account_is_told_nothing_more(client):
    one_time = an_account()
    identity.disable("rosa", by=None, now=NOON)
    answer = post(client, "/panel/entrar", username="rosa", password=one_time)
    assert "El usuario o la clave no son correctos." in answer.text


def test_guessing_is_throttled_also_without_redis(client, app, monkeypatch):
    def answers() -> list[int]:
        return [
            post(client, "/panel/entrar", username="rosa", password=f"intento {n}").status_code
            for n in range(12)
        ]

    assert answers().count(429) == 2
    monkeypatch.setitem(app.extensions, "panel_attempts", _counter_at("redis://127.0.0.1:1/0"))
    assert answers().count(429) == 2


def _counter_at(address: str):
    from limits.storage import storage_from_string

    from admin.limits import AttemptCounter

    return AttemptCounter(storage_from_string(address, wrap_exceptions=True))


def test_guessing_codes_is_throttled(client):
    post(client, "/panel/entrar", username="rosa", password=an_account())
    post(client, "/panel/segundo-factor", setup="authenticator")
    codes = [post(client, "/panel/codigo", code=f"{n:06}").status_code for n in range(11)]
    assert codes == [200] * 10 + [429]


def test_guessing_codes_under_other_names_is_throttled_all_the_same(client):
    """Whose code it is says the session; a field that the form has not counts for nothing."""
    post(client, "/panel/entrar", username="rosa", password=an_account())
    post(client, "/panel/segundo-factor", setup="authenticator")
    codes = [
        post(client, "/panel/codigo", code=f"{n:06}", username=f"otra{n}").status_code
        for n in range(11)
    ]
    assert codes == [200] * 10 + [429]


def test_a_kept_password_costs_a_guesser_memory_and_time(app):
    """As the application is set up; what the tests themselves hash is cheap."""
    options = app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"]
    kept = CryptContext(app.config["SECURITY_PASSWORD_SCHEMES"], **options).hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_forms_without_their_token_are_refused(client):
    one_time = an_account()
    answer = client.post("/panel/entrar", data={"username": "rosa", "password": one_time})
    assert answer.status_code == 400
    assert "La página venció" in answer.text


def test_signing_out_ends_every_copy_of_the_session(client, app):
    staff = a_member_of_staff("ana", "auditor", None)
    sign_in(client, staff)
    thief = app.test_client()
    thief.set_cookie("panel", client.get_cookie("panel", path="/panel").value, path="/panel")
    assert thief.get("/panel/mi-cuenta").status_code == 200
    token = csrf_token(client)
    answer = client.post("/panel/salir", data={"csrf_token": token})
    assert answer.location == "/panel/entrar"
    assert thief.get("/panel/mi-cuenta").status_code == 303
    assert actions()[-1] == "signed_out"


def test_a_link_on_another_site_signs_nobody_out(client):
    sign_in(client, a_member_of_staff("ana", "auditor", None))
    assert client.get("/panel/salir").status_code == 404
    assert client.post("/panel/salir").status_code == 400  # without the form's token
    assert client.get("/panel/mi-cuenta").status_code == 200


def test_disabling_ends_open_sessions_at_once(client):
    staff = a_member_of_staff("ana", "auditor", None)
    sign_in(client, staff)
    assert client.get("/panel/mi-cuenta").status_code == 200
    identity.disable("ana", by=None, now=NOON)
    assert client.get("/panel/mi-cuenta").status_code == 303


@pytest.mark.parametrize(
    ("hours", "steps", "expected"), [(7, 1, 200), (9, 1, 303), (7, 3, 200), (7, 4, 303)]
)
def test_sessions_end_when_idle_or_old(client, clock, hours, steps, expected):
    staff = a_member_of_staff("ana", "auditor", None)
    sign_in(client, staff)
    for _ in range(steps):
        clock.tick(timedelta(hours=hours))
        answer = client.get("/panel/mi-cuenta")
    assert answer.status_code == expected


def test_the_cookie_is_kept_from_scripts_and_from_the_public_pages(client):
    answer = client.get("/panel/entrar")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/panel" in cookie
    for path in ("/salud", "/", "/api/v1/categorias"):
        public = client.get(path)
        assert "Cookie" not in public.headers.get("Vary", "")
        assert "Set-Cookie" not in public.headers


def test_what_htmx_asks_for_is_sent_to_the_sign_in_as_a_whole_page(client):
    answer = client.get("/panel/mi-cuenta", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/panel/entrar"


def test_a_form_that_htmx_sends_after_the_session_keeps_what_was_typed(client):
    sign_in(client, a_member_of_staff("luis", "operador", None))
    token = csrf_token(client)
    with client.session_transaction("/panel/") as session:
        session.update(seen=0)  # idle for too long
    headers = {"HX-Request": "true", "HX-Trigger": "form-answer", "X-CSRFToken": token}
    answer = client.post(f"/panel/casos/{uuid4()}/recibir", headers=headers)
    assert answer.status_code == 400
    assert "Lo que escribió sigue aquí" in answer.text
    assert answer.headers["HX-Retarget"] == "#form-answer"
    assert answer.headers["HX-Reswap"] == "beforeend"


@pytest.mark.parametrize(
    "address", ["https://mala.example/", "//mala.example", "/\\mala.example", "\\\\mala.example"]
)
def test_the_way_back_stays_in_the_panel(client, clock, address):
    one_time = an_account()
    authenticator = enrol(client, one_time)
    change_password(client, one_time)
    clock.tick(timedelta(minutes=5))
    other = client.application.test_client()
    answer = post(other, "/panel/entrar", username="rosa", password=PASSWORD, next=address)
    if answer.location is None:  # refused at once
        return
    answer = post(other, answer.location, code=authenticator.now())
    assert urlsplit(answer.location).netloc in ("", "localhost")
    assert "\\" not in answer.location  # browsers read it as a slash


def test_help_by_mail_and_json_are_off(client):
    for path in ("/panel/segundo-factor/ayuda", "/panel/segundo-factor/elegir"):
        assert client.get(path).status_code == 403
    answer = client.get("/panel/entrar", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"
