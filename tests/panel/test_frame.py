"""What every page of the panel stands on: built files, policy, keys, and the proxies in front."""

import gzip
import re
from dataclasses import replace

import pytest
from flask import request

from backend.db import db
from tests.builders import Callao, a_member_of_staff
from tests.clients import SeparateRequests
from tests.panel.conftest import sign_in
from wsgi import compose

FIRST_LOAD_BYTES = 250 * 1024


@pytest.fixture
def operador(client):
    staff = a_member_of_staff("luis", "operador", Callao().west)
    sign_in(client, staff)
    return staff


def files_of(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/static/assets/[^"]+)"', page)


def test_the_first_load_is_small(client, operador):
    page = client.get("/panel/mesa", follow_redirects=True).text
    sizes = [len(gzip.compress(page.encode()))]
    for address in files_of(page):
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            sizes.append(len(answer.data))
    assert sum(sizes) <= FIRST_LOAD_BYTES, sizes


def test_built_files_are_kept_for_ever_and_come_compressed(client, operador):
    for address in files_of(client.get("/panel/mi-cuenta").text):
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["Content-Encoding"] == "gzip"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_on_a_page_needs_a_laxer_policy(client, operador):
    for address in ("/panel/entrar", "/panel/mi-cuenta", "/panel/clave", "/panel/ninguna"):
        page = client.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"\son\w+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_a_bug_is_a_page_that_tells_nothing(client, operador, monkeypatch):
    def broken():
        raise RuntimeError("secreto en la consulta")

    monkeypatch.setitem(client.application.view_functions, "panel.account", broken)
    answer = client.get("/panel/mi-cuenta")
    assert answer.status_code == 500
    assert "secreto" not in answer.text
    assert "Algo falló de nuestro lado" in answer.text


@pytest.fixture
def composed(app, settings):
    """Another web on the same database, with other settings."""

    def compose_with(**changes):
        web = compose(replace(settings, **changes))
        web.test_client_class = SeparateRequests
        return web

    return compose_with


def test_sessions_outlive_a_rotation_of_their_key(app, client, composed, settings):
    staff = a_member_of_staff("vera", "auditor", None)
    sign_in(client, staff)
    rotated = composed(keys=settings.keys.rotated("session"))
    with rotated.app_context():
        other = rotated.test_client()
        cookie = client.get_cookie("panel", path="/panel").value
        other.set_cookie("panel", cookie, path="/panel")
        assert other.get("/panel/mi-cuenta").status_code == 200
        db.session.remove()
        db.engine.dispose()


def test_behind_a_tls_proxy_the_cookie_is_secure_and_addresses_are_https(composed):
    web = composed(public_url="https://alerto.example", trusted_hops=1)
    with web.app_context():
        client = web.test_client()
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "9.9.9.9, 203.0.113.7"}
        answer = client.get("/panel/entrar", headers=headers)
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"]
        seen = []
        web.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
        client.get("/panel/entrar", headers=headers)
        assert seen == ["203.0.113.7"]
        db.session.remove()
        db.engine.dispose()


def test_built_files_carry_the_headers_of_every_page(composed, client):
    web = composed(public_url="https://alerto.example", trusted_hops=1)
    with web.app_context():
        page = web.test_client().get("/panel/entrar").headers
        with web.test_client().get("/static/manifest.webmanifest") as answer:
            served = answer.headers
        for name in (
            "Strict-Transport-Security",
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Permissions-Policy",
            "Cross-Origin-Opener-Policy",
        ):
            assert served.getlist(name) == page.getlist(name) != [], name
        db.session.remove()
        db.engine.dispose()
    with client.get("/static/manifest.webmanifest") as answer:
        assert "Strict-Transport-Security" not in answer.headers  # a demonstration without TLS


def test_fifty_desks_behind_one_address_are_not_throttled(client, operador):
    codes = {client.get("/panel/mi-cuenta").status_code for _ in range(1250)}
    assert codes == {200}
