"""From the 201 until the card stands in an officer's open browser: `python -m bench.desk_latency`.

A real Chromium shows the desk of one comisaría. A hundred urgent alerts go there, one every
0.6 s: first at rest, then while 20 alerts without and 5 with a 3 MB photo arrive each second for
other comisarías. Whoever sees a card acknowledges it, so that the desk stays as short as a real
one. Web, workers, PostgreSQL, Redis, load and browser share the machine.
"""

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import httpx
import psycopg
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from backend import clock, triage
from backend.app import parts_of
from backend.db import db, transaction
from backend.identity.models import Role, Staff
from backend.reports.models import Report
from backend.settings import load_settings
from backend.territory.models import PoliceUnit
from bench.derivation import photo_of_12_megapixels
from bench.installation import installation, running, web
from tests.panel.conftest import cookies_for
from tests.plugins.chromium import CHROMIUM, FLAGS
from wsgi import compose

ALERTS = 100
EVERY_SECONDS = 0.6
PLAIN_PER_SECOND = 20
PHOTOS_PER_SECOND = 5
UNIT_CODE = "CENACOM-1228"

HERE = {"lat": -12.0540, "lon": -77.1289}
ELSEWHERE = {"lat": -12.0250, "lon": -76.9195}

WATCH = """
() => {
  window.seenAt = {};
  const look = () => {
    for (const one of document.querySelectorAll(".reporte .numero")) {
      const number = one.textContent.trim();
      if (!(number in window.seenAt)) window.seenAt[number] = Date.now();
    }
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
  look();
}
"""


def main() -> None:
    with ExitStack() as stack:
        environ = stack.enter_context(installation())
        address = stack.enter_context(web(environ))
        for queues in (["urgente", "normal"], ["urgente", "media", "normal"], ["--scheduler"]):
            stack.enter_context(running(environ, "workers.main", *queues))
        app = compose(load_settings(environ))
        with app.app_context():
            staff = _officer()
            cookies = cookies_for(app, staff, address)
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=FLAGS
        )
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(f"{address}/panel/mesa")
        page.evaluate(WATCH)
        _measure("at rest", app, page, address)
        with _load(address) as sent:
            _measure("under load", app, page, address)
        print(f"load accepted meanwhile: {sum(sent)} alerts in {len(sent)} calls")
        _backlog(environ)
        browser.close()


def _measure(name: str, app: Flask, page: Page, address: str) -> None:
    answered: dict[str, float] = {}
    token = httpx.post(f"{address}/api/v1/dispositivos").json()["token"]
    client = httpx.Client(timeout=30)
    for _ in range(ALERTS):
        began = time.monotonic()
        token = client.post(f"{address}/api/v1/dispositivos").json()["token"]
        answer = client.post(
            f"{address}/api/v1/alertas", json=_datos(HERE), headers=_headers(token)
        )
        answered[answer.json()["numero"]] = time.time() * 1000
        page.wait_for_timeout(max(0.0, EVERY_SECONDS - (time.monotonic() - began)) * 1000)
        _acknowledge(app, page.evaluate("Object.keys(window.seenAt)"))
    page.wait_for_timeout(8000)
    seen = page.evaluate("window.seenAt")
    waits = sorted((seen[n] - at) / 1000 for n, at in answered.items() if n in seen)
    print(
        f"{name}: {len(waits)} of {ALERTS} urgent alerts seen; median "
        f"{statistics.median(waits):.2f} s, 95 % {waits[int(len(waits) * 0.95)]:.2f} s, "
        f"worst {waits[-1]:.2f} s",
        flush=True,
    )


_acknowledged: set[str] = set()


def _acknowledge(app: Flask, numbers: list[str]) -> None:
    with app.app_context():
        staff = db.session.scalars(select(Staff).where(Staff.username == "bench")).unique().one()
        for numero in set(numbers) - _acknowledged:
            report_id = db.session.scalar(select(Report.id).where(Report.numero == numero))
            triage.record_acknowledgement(parts_of(), staff, report_id, clock.now())
            _acknowledged.add(numero)


class _load:
    """Alerts for other comisarías, at a steady rate, until the block ends."""

    def __init__(self, address: str) -> None:
        self.address, self.stop, self.sent = address, threading.Event(), []
        self.photo = photo_of_12_megapixels()

    def __enter__(self) -> list[bool]:
        self.pool = ThreadPoolExecutor(24)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self.sent

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.pool.shutdown(cancel_futures=True)

    def _run(self) -> None:
        self.client = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=24))
        began, count = time.monotonic(), 0
        per_second = PLAIN_PER_SECOND + PHOTOS_PER_SECOND
        while not self.stop.is_set():
            with_photo = count % per_second < PHOTOS_PER_SECOND
            self.pool.submit(self._send, with_photo)
            count += 1
            self.stop.wait(max(0.0, began + count / per_second - time.monotonic()))

    def _send(self, with_photo: bool) -> None:
        token = self.client.post(f"{self.address}/api/v1/dispositivos").json()["token"]
        datos = _datos(ELSEWHERE)
        body = (
            {
                "data": {"datos": json.dumps(datos)},
                "files": [("foto", ("f.jpg", self.photo, "image/jpeg"))],
            }
            if with_photo
            else {"json": datos}
        )
        url = f"{self.address}/api/v1/alertas"
        self.sent.append(self.client.post(url, headers=_headers(token), **body).status_code == 201)


def _datos(place: dict[str, float]) -> dict[str, object]:
    return {
        "categoria": "robo",
        "lugar": {"origen": "gps", "precision_m": 12, **place},
        "descripcion": f"Dos personas en una moto {uuid4().hex[:10]}",
    }


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


def _officer() -> Staff:
    unit = db.session.scalars(select(PoliceUnit).where(PoliceUnit.code == UNIT_CODE)).one()
    with transaction():
        staff = Staff(
            username="bench",
            display_name="Operador 9",
            unit_id=unit.id,
            password="-",
            must_change_password=False,
            active=True,
            fs_uniquifier=uuid4().hex * 2,
            tf_primary_method="authenticator",
            roles=[db.session.scalars(select(Role).where(Role.name == "operador")).one()],
        )
        db.session.add(staff)
    return staff


def _backlog(environ: dict[str, str]) -> None:
    url = environ["YA_DATABASE_OWNER_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM report_task WHERE work_state = 'pending'"
        ).fetchone()
        print(f"photos and texts still to be moderated when the load ended: {waiting[0]}")


if __name__ == "__main__":
    main()
