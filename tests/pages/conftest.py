"""A phone: Chromium at 360×740 in front of the real application, and what its owner taps."""

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from werkzeug.serving import make_server

from backend import clock, journey, outbox
from backend.db import db as database
from backend.db import transaction
from backend.forwarding.models import Envio
from backend.parts import Parts
from backend.reports.models import ReportTask, Step
from backend.territory.models import District, QuejaDesk, UnitKind
from tests.builders import IN_WEST, Callao, a_unit
from tests.coordinating import Coordinator, a_coordinator

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1366, "height": 768}
# What the browser itself prints for an answer that a story provokes.
EXPECTED_IN_CONSOLE = ("Failed to load resource", "GL Driver Message", "GPU stall")


def a_district(ubigeo: str, name: str, province: str) -> None:
    """A district without a polygon; call inside `transaction()`."""
    names = {"name": name, "province": province, "department": "-"}
    database.session.add(District(ubigeo=ubigeo, source="prueba", **names))


@pytest.fixture
def callao(app: Flask) -> Callao:
    """Two comisarías and the extortion desk, and districts to choose from."""
    with transaction():
        a_district("070101", "Callao", "Callao")
        a_district("150122", "Miraflores", "Lima")
    return Callao()


def whole_answers(app: WSGIApplication) -> WSGIApplication:
    """Read each answer to its end and close it before a byte is sent.

    The tests' server forgets to close a file whose reader went away (werkzeug/serving.py, where
    draining the request raises), and a browser may leave a page at any moment.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        response = app(environ, start_response)
        try:
            return [b"".join(response)]
        finally:
            if hasattr(response, "close"):
                response.close()

    return answer


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application on a port of its own."""
    server = make_server("127.0.0.1", 0, whole_answers(app), threaded=True)
    # Half a second between two looks for the end would be the longest part of a short test.
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


OpenPhone = Callable[..., Page]


@pytest.fixture
def open_phone(browser: Browser, live_server: str) -> Iterator[OpenPhone]:
    """Open a browser as a person has it; complaints of the page or its CSP fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_it(**options: Any) -> Page:
        settings = {"viewport": PHONE, "locale": "es-PE", "base_url": live_server, **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_bad(said) else None)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def _is_bad(said: Any) -> bool:
    is_expected = any(words in said.text for words in EXPECTED_IN_CONSOLE)
    return said.type == "error" and not is_expected


@pytest.fixture
def phone(open_phone: OpenPhone) -> Page:
    """A phone in the western jurisdiction that lets the page know where it is."""
    return open_phone(geolocation=_at(IN_WEST), permissions=["geolocation"])


@pytest.fixture
def phone_without_gps(open_phone: OpenPhone) -> Page:
    """A phone whose owner said no to sharing the position."""
    return open_phone()


def _at(place: dict[str, float]) -> dict[str, float]:
    return {"latitude": place["lat"], "longitude": place["lon"], "accuracy": 12}


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A photo as a small camera makes it."""
    made = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(made, "JPEG", quality=80)
    return made.getvalue()


@pytest.fixture
def work(parts: Parts) -> Callable[[], None]:
    """Do once what the workers have to do now."""

    def do() -> None:
        now = clock.now()
        owed = [(task.step, task.report_id) for task in outbox.due(ReportTask, now, 100)]
        database.session.rollback()
        for step, report_id in owed:
            if step == Step.MODERATE:
                journey.moderate(parts, report_id, now)
        for envio_id in [envio.id for envio in outbox.due(Envio, now, 100)]:
            database.session.rollback()
            journey.forward(parts, envio_id, now)
        database.session.rollback()

    return do


@pytest.fixture
def town(callao: Callao) -> Callao:
    """The two comisarías of the tests and a desk for what is told of the police."""
    cud = a_unit("CUD", UnitKind.SPECIALISED, matters=["quejas"], is_independent=True)
    with transaction():
        database.session.add(QuejaDesk(unit_id=cud.id, position=1))
    return callao


@pytest.fixture
def unguarded(open_phone: OpenPhone) -> Page:
    """A browser into which axe may be put: only for it the page's CSP is set aside."""
    return open_phone(bypass_csp=True)


@pytest.fixture
def wire(phone: Page) -> CDPSession:
    """What the phone's network does."""
    session = phone.context.new_cdp_session(phone)
    session.send("Network.enable")
    return session


@pytest.fixture
def leaving(wire: CDPSession) -> dict[str, int]:
    """Bytes that leave the phone, by request, from now on."""
    sizes: dict[str, int] = {}

    def note_headers(event: dict[str, Any]) -> None:
        lines = sum(len(f"{name}: {value}\r\n") for name, value in event["headers"].items())
        sizes[event["requestId"]] = sizes.get(event["requestId"], 0) + lines

    def note_body(event: dict[str, Any]) -> None:
        request = event["request"]
        size = len(request["url"]) + 20 + len(request.get("postData", "").encode())
        sizes[event["requestId"]] = sizes.get(event["requestId"], 0) + size

    wire.on("Network.requestWillBeSentExtraInfo", note_headers)
    wire.on("Network.requestWillBeSent", note_body)
    return sizes


@pytest.fixture
def coordinator(app: Flask, callao: Callao) -> Coordinator:
    """Somebody who is in the comisaría, the phone in the hand."""
    return a_coordinator(app, callao.west, is_in=False, name="Junta Los Faros")
