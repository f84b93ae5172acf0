"""Members of staff who are signed in, for the test client and for a browser."""

import time
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.identity.models import Staff
from tests.pages.conftest import jpeg, live_server, work

__all__ = ["jpeg", "live_server", "work"]


@pytest.fixture
def town(app, work):
    """Two comisarías, an operador of the western one, and citizens."""
    from tests.panel.stories import Town  # it needs `sign_in` from here

    return Town(app, work)


def sign_in(client: FlaskClient, staff: Staff) -> FlaskClient:
    """Give the client the session that a whole sign-in leaves behind; returns the client."""
    now = int(time.time())
    with client.session_transaction("/panel/") as session:
        session.clear()
        session.update(_user_id=staff.fs_uniquifier, _fresh=True, fs_paa=now, since=now, seen=now)
    return client


def send_form(client: FlaskClient, address: str, **fields: object):
    """Send a form of the panel, with its token."""
    return client.post(address, data={"csrf_token": csrf_token(client), **fields})


def token_in(page: str) -> str:
    """The token that a page gives to its forms."""
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def csrf_token(client: FlaskClient) -> str:
    """A token that the client's forms may carry (header `X-CSRFToken` or field `csrf_token`)."""
    return token_in(client.get("/panel/mi-cuenta").text)


def cookies_for(app: Flask, staff: Staff, base_url: str) -> list[dict[str, str]]:
    """Cookies that make a Playwright context signed in: `context.add_cookies(...)`."""
    client = sign_in(app.test_client(), staff)
    cookie = client.get_cookie("panel", path="/panel")
    assert cookie is not None
    # The application's own path: on another the browser would keep and send two cookies.
    host = urlsplit(base_url).hostname or ""
    return [{"name": "panel", "value": cookie.value, "domain": host, "path": "/panel"}]
