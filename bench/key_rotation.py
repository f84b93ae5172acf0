"""Rotate master, vault and blind keys while reports arrive: `python -m bench.key_rotation [N]`.

N identities (100,000) lie in the vault of a throwaway installation with durable servers. While
web, worker and a process that keeps identities go on, all three keys are rotated, the rewrap is
killed with -9 half way and repeated, and the old keys are forgotten. Then every identity is
opened and every document looked up, with the new keys alone.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
from flask import Flask
from PIL import Image
from sqlalchemy import Engine, create_engine, select

from backend import clock, rotation
from backend.app import create_app
from backend.crypto import KeyRing, Purpose
from backend.db import db, transaction
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, UnitChannel
from backend.forwarding.webhook_client import open_secrets
from backend.media.models import Attachment
from backend.media.queries import open_derivative, open_original
from backend.parts import Parts
from backend.settings import load_settings
from backend.territory.models import PoliceUnit
from backend.vault.models import NewPerson
from backend.vault.services import keep, open_person, same_document_count
from bench.installation import PROJECT, flask, installation, running, web

ROTATED: tuple[Purpose, ...] = ("master", "vault", "blind")
BATCH = 500
KEEPS_PER_SECOND = 20
ALERTS_PER_SECOND = 5
PHOTO_EVERY = 4
READERS = 4

Kept = tuple[UUID, UUID, str]  # person, report, document


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with ExitStack() as stack:
        environ = stack.enter_context(installation())
        app = create_app(load_settings(environ))
        stack.enter_context(app.app_context())
        parts: Parts = app.extensions["yo_alerto"]
        with timed(f"{count} identities kept"):
            kept = _fill(parts.settings.keys, count)
        channel = _add_channel(parts.settings.keys)
        address = stack.enter_context(web(environ))
        stack.enter_context(running(environ, "workers.main", "urgente", "media", "normal"))
        notes = Path(environ["YA_BENCH_FOLDER"]) / "kept"
        with running(environ, "bench.key_rotation", "keep", str(notes)), _load(address) as answers:
            # Some load before the rotation and some after it: that much of it is measured.
            time.sleep(5)
            _rotate_kill_resume_forget(environ)
            time.sleep(5)
        kept += _read_notes(notes)
        _settle(environ)
        print(f"meanwhile: {len(answers)} alerts sent, {answers.count(201)} accepted", end="; ")
        print(f"{len(kept) - count} identities kept by another process")
        _prove(app, environ, kept, channel)


# While it runs


def _rotate_kill_resume_forget(environ: dict[str, str]) -> None:
    ring = environ["YA_KEYS_FILE"]
    for purpose in ROTATED:
        flask(environ, "keys", "rotate", ring, purpose)
    rotated = time.monotonic()
    print(f"forgetting vault 1 at once: {'done' if _forget(environ, 'vault') else 'refused'}")
    owner = create_engine(environ["YA_DATABASE_OWNER_URL"])
    _rewrap_until_half(environ, owner)
    with timed("rewrap repeated, to its end"):
        words = flask(environ, "keys", "rewrap")
    print("  " + "\n  ".join(words.splitlines()[-3:]))
    # `forget` refuses for a minute, by design: waiting for it is what is measured.
    time.sleep(max(0.0, rotated + 61 - time.monotonic()))
    done = [_forget(environ, purpose) for purpose in ROTATED]
    print(f"forgetting afterwards: {done.count(True)} of 3 done", flush=True)
    owner.dispose()


def _rewrap_until_half(environ: dict[str, str], owner: Engine) -> None:
    [identities] = [one for one in rotation.holdings(owner) if one.name == "identities"]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "keys", "rewrap"],
        env=environ,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    while process.poll() is None:
        by_version = identities.counts["vault"]()
        if by_version.get(2, 0) >= by_version.get(1, 0):
            break
        time.sleep(0.2)  # the other process tells nobody how far it is: its rows do
    process.send_signal(signal.SIGKILL)
    print(f"rewrap killed with -9 after {time.monotonic() - began:.1f} s, ended {process.wait()}")
    for purpose, rows in identities.counts.items():
        print(f"  {purpose}: rows by version {dict(sorted(rows().items()))}")


def _forget(environ: dict[str, str], purpose: str) -> bool:
    try:
        flask(environ, "keys", "forget", environ["YA_KEYS_FILE"], purpose, "1")
    except subprocess.CalledProcessError as refused:
        print(f"  {refused.stderr.strip().splitlines()[-1]}")
        return False
    return True


class _load:
    """Alerts at a steady rate, every fourth with a photo, until the block ends."""

    def __init__(self, address: str) -> None:
        self.address, self.stop, self.answers = address, threading.Event(), list[int]()
        picture = BytesIO()
        Image.frombytes("RGB", (640, 480), random.randbytes(640 * 480 * 3)).save(picture, "JPEG")
        self.photo = picture.getvalue()

    def __enter__(self) -> list[int]:
        self.pool = ThreadPoolExecutor(8)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self.answers

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.pool.shutdown()

    def _run(self) -> None:
        self.client = httpx.Client(timeout=60)
        for number in itertools.count():
            if self.stop.wait(1 / ALERTS_PER_SECOND):
                return
            self.pool.submit(self._send, number)

    def _send(self, number: int) -> None:
        try:
            token = self.client.post(f"{self.address}/api/v1/dispositivos").json()["token"]
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
            url = f"{self.address}/api/v1/alertas"
            self.answers.append(
                self.client.post(url, headers=headers, **self._body(number)).status_code
            )
        except (httpx.HTTPError, ValueError, KeyError):
            self.answers.append(0)

    def _body(self, number: int) -> dict[str, object]:
        place = {"origen": "gps", "precision_m": 12, "lat": -12.0250, "lon": -76.9195}
        words = f"Dos personas en una moto {uuid4().hex[:10]}"
        datos = {"categoria": "robo", "lugar": place, "descripcion": words}
        if number % PHOTO_EVERY:
            return {"json": datos}
        return {
            "data": {"datos": json.dumps(datos)},
            "files": [("foto", ("f.jpg", self.photo, "image/jpeg"))],
        }


def keep_on(notes: Path) -> None:
    """A process of its own: one identity after another, each noted once it is committed."""
    with create_app(load_settings(os.environ)).app_context(), notes.open("w") as file:
        ring = load_settings(os.environ).keys
        for number in itertools.count():
            [one] = _keep_some(ring, [f"9{number:07d}"])
            file.write(json.dumps([*map(str, one)]) + "\n")
            file.flush()
            time.sleep(1 / KEEPS_PER_SECOND)  # the pace of the load


def _read_notes(notes: Path) -> list[Kept]:
    lines = (json.loads(line) for line in notes.read_text().splitlines())
    return [(UUID(person), UUID(report), document) for person, report, document in lines]


def _fill(ring: KeyRing, count: int) -> list[Kept]:
    kept: list[Kept] = []
    for start in range(0, count, BATCH):
        numbers = [f"{number:08d}" for number in range(start, min(start + BATCH, count))]
        kept += _keep_some(ring, numbers)
    return kept


def _keep_some(ring: KeyRing, numbers: list[str]) -> list[Kept]:
    kept = [(uuid4(), uuid4(), number) for number in numbers]
    with transaction():
        for person, report, number in kept:
            keep(report, [NewPerson(person, _data(number), ("dni", number))], ring, clock.now())
    return kept


def _data(number: str) -> dict[str, str]:
    return {
        "tipo_documento": "dni",
        "numero_documento": number,
        "nombres": f"Nombre {number}",
        "apellido_paterno": f"Apellido {number}",
        "celular": f"9{number}",
        "domicilio": f"Calle de prueba {number}",
    }


def _add_channel(ring: KeyRing) -> tuple[int, str]:
    unit_id = db.session.scalars(select(PoliceUnit.id).order_by(PoliceUnit.id)).first() or 0
    with transaction():
        url = "https://receptor.example/alertas"
        channel = forwarding.add_channel(unit_id, Channel.WEBHOOK, url, ring)
    return channel.id, channel.secret or ""


# Afterwards


def _settle(environ: dict[str, str]) -> None:
    """Until the worker has made every picture."""
    with psycopg.connect(environ["YA_DATABASE_URL"].replace("+psycopg", "")) as connection:
        connection.autocommit = True
        for _ in range(120):
            query = "SELECT count(*) FROM attachment WHERE state = 'pending'"
            if connection.execute(query).fetchone() == (0,):
                return
            time.sleep(1)  # workers tell nobody when they are done: their rows do


def _prove(app: Flask, environ: dict[str, str], kept: list[Kept], channel: tuple[int, str]) -> None:
    ring = KeyRing.load(Path(environ["YA_KEYS_FILE"]))
    versions = {purpose: sorted(ring.keys[purpose]) for purpose in ROTATED}
    print(f"keys in the ring: {versions}")
    owner = create_engine(environ["YA_DATABASE_OWNER_URL"])
    for holding in rotation.holdings(owner):
        for purpose, rows in holding.counts.items():
            print(f"{holding.name} by version of {purpose}: {rows()}")
    owner.dispose()
    _open_photos(app, ring)
    row = db.session.get_one(UnitChannel, channel[0])
    sealed, version = row.sealed_secret or b"", row.secret_key_version or 0
    same = open_secrets(sealed, version, ring, row.id, clock.now()) == [channel[1]]
    print(f"the webhook's secret is the same: {same}")
    _do_not_wait_for_the_disk(environ)
    with timed(f"{len(kept)} identities opened and looked up"), ThreadPoolExecutor(READERS) as pool:
        slices = [kept[start::READERS] for start in range(READERS)]
        opened, found = map(sum, zip(*pool.map(lambda s: _read(app, ring, s), slices), strict=True))
    print(f"as they were kept: {opened} of {len(kept)}; found by document: {found} of {len(kept)}")


def _read(app: Flask, ring: KeyRing, kept: list[Kept]) -> tuple[int, int]:
    opened = found = 0
    since = clock.now() - timedelta(days=1)
    with app.app_context():
        for person, report, number in kept:
            data = open_person(ring, person, report, 1, None, "ensayo", "Rotación")
            opened += data == _data(number)
            found += same_document_count(ring, "dni", number, since) == 1
            db.session.rollback()
    return opened, found


def _open_photos(app: Flask, ring: KeyRing) -> None:
    storage, pictures = app.extensions["yo_alerto"].storage, 0
    rows = db.session.scalars(select(Attachment)).all()
    for row in rows:
        assert sum(map(len, open_original(row, storage, ring))) == row.size_bytes
        pictures += sum(
            open_derivative(row, size, storage, ring) is not None for size in ("large", "small")
        )
    print(f"photos: {len(rows)} originals and {pictures} pictures open")


def _do_not_wait_for_the_disk(environ: dict[str, str]) -> None:
    """The proof writes one trace per identity; only its own openings need not be durable."""
    url = environ["YA_DATABASE_OWNER_URL"].replace("ya_owner", "postgres").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE ya_vault SET synchronous_commit = off")


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["keep"]:
        keep_on(Path(sys.argv[2]))
    else:
        main()
