"""The drill of design §4: kill, flush, stop and restart while reports arrive; nothing is lost.

`python -m bench.nothing_lost [COUNT]` clones this checkout's HEAD into a folder of its own,
starts it as `make up` does, sends COUNT alerts, a fifth of them with a photo, and meanwhile
kills -9 workers and web workers, flushes Redis twice, stops it for a minute, and restarts
PostgreSQL. Then it checks the database and the webhook's receiver against the clients' notes.
"""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from PIL import Image, ImageFilter
from redis import Redis

from deploy.installation import Installation, read_environment
from deploy.supervision import asking

PROJECT = Path(__file__).parent.parent
WEB = "http://127.0.0.1:8981"
RECEIVER_PORT = 8983
CLIENTS = 8
SECONDS = 150
REDIS_AWAY_SECONDS = 60
SETTLE_SECONDS = 420
WORDS = [
    "moto",
    "casaca",
    "gorra",
    "esquina",
    "parque",
    "mercado",
    "puente",
    "farmacia",
    "colegio",
    "grifo",
    "avenida",
]

ADD_WEBHOOKS = """
from sqlalchemy import select
from backend.app import parts_of
from backend.db import db, transaction
from backend.forwarding.models import Channel
from backend.forwarding.services import add_channel
from backend.territory.models import PoliceUnit
from wsgi import create_app
with create_app().app_context(), transaction():
    for unit in db.session.scalars(select(PoliceUnit).where(PoliceUnit.kind == "comisaria")):
        add_channel(unit.id, Channel.WEBHOOK, "http://127.0.0.1:%d/aviso",
                    parts_of().settings.keys, allow_private=True)
"""


@dataclass
class Notes:
    """What the clients and the receiver know, to be held against the database."""

    numbers: dict[str, str] = field(default_factory=dict)  # Idempotency-Key -> numero
    repeated: set[str] = field(default_factory=set)
    in_flight: set[str] = field(default_factory=set)
    refused_while_redis_away: int = 0
    accepted_while_redis_away: int = 0
    delivered: Counter[str] = field(default_factory=Counter)
    redis_is_away: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    notes = Notes()
    with tempfile.TemporaryDirectory(prefix="ya-drill-", dir="/var/tmp") as scratch:
        installation = _installation(Path(scratch) / "checkout")
        try:
            _start(installation)
            receiver = _start_receiver(notes)
            killer = threading.Thread(target=_torment, args=(installation, notes), daemon=True)
            killer.start()
            _send_all(count, notes)
            killer.join()
            ok = _settle_and_check(installation, notes, count)
            receiver.shutdown()
        finally:
            _make(installation, "down")
    sys.exit(0 if ok else 1)


# The installation


def _installation(root: Path) -> Installation:
    subprocess.run(["git", "clone", "-q", str(PROJECT), str(root)], check=True)
    (root / ".venv").symlink_to(PROJECT / ".venv")
    (root / "pwa" / "dist").symlink_to(PROJECT / "pwa" / "dist")
    return Installation(root)


def _start(installation: Installation) -> None:
    _make(installation, "up", "--detach")
    environ = _environ(installation)
    code = ADD_WEBHOOKS % RECEIVER_PORT
    subprocess.run([sys.executable, "-c", code], cwd=installation.root, env=environ, check=True)


def _make(installation: Installation, module: str, *words: str) -> None:
    environ = os.environ | {
        "YA_PORT": "8981",
        "YA_METRICS_PORT": "8982",
        "YA_WEBHOOK_PRIVATE": "1",
    }
    command = [sys.executable, "-m", f"deploy.{module}", *words]
    subprocess.run(
        command, cwd=installation.root, env=environ, check=True, stdout=subprocess.DEVNULL
    )


def _environ(installation: Installation) -> dict[str, str]:
    return os.environ | read_environment(installation.running_env_file)


def _database(installation: Installation) -> psycopg.Connection:
    url = _environ(installation)["YA_DATABASE_OWNER_URL"].replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


# Clients and receiver


def _send_all(count: int, notes: Notes) -> None:
    """Spread over the time of the torment; every client repeats until it has its 201."""
    keys = [str(uuid4()) for _ in range(count)]
    pause = SECONDS * CLIENTS / count
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda key: _send_one(key, pause, notes), keys))


def _send_one(key: str, pause: float, notes: Notes) -> None:
    time.sleep(random.uniform(0, 2 * pause))
    body, token, tries = _body(), None, 0
    while True:
        tries += 1
        with notes.lock:
            notes.in_flight.add(key)
        away = notes.redis_is_away
        try:
            token = token or httpx.post(f"{WEB}/api/v1/dispositivos", timeout=10).json()["token"]
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            answer = httpx.post(f"{WEB}/api/v1/alertas", headers=headers, timeout=20, **body)
            status = answer.status_code
        except (httpx.HTTPError, ValueError, KeyError):
            status = 0
        with notes.lock:
            notes.in_flight.discard(key)
            if away and notes.redis_is_away and status:
                notes.accepted_while_redis_away += status == 201
                notes.refused_while_redis_away += status != 201
            if tries > 1:
                notes.repeated.add(key)
            if status == 201:
                notes.numbers[key] = answer.json()["numero"]
                return
        time.sleep(0.5)


def _body() -> dict[str, object]:
    datos = {
        "categoria": random.choice(["robo", "robo", "robo_celular", "falta_de_luz"]),
        "lugar": {
            "origen": "gps",
            "precision_m": 15,
            "lat": random.uniform(-12.065, -11.99),
            "lon": random.uniform(-77.135, -77.09),
        },
        "descripcion": " ".join(random.choices(WORDS, k=8)) + f" {uuid4().hex[:8]}",
    }
    if random.random() < 0.2:
        return {
            "data": {"datos": json.dumps(datos)},
            "files": [("foto", ("foto.jpg", _photo(), "image/jpeg"))],
        }
    return {"json": datos}


def _photo() -> bytes:
    picture = io.BytesIO()
    noise = Image.effect_noise((1600, 1200), 60).filter(ImageFilter.GaussianBlur(1))
    noise.convert("RGB").save(picture, "JPEG", quality=80)
    return picture.getvalue()


def _start_receiver(notes: Notes) -> ThreadingHTTPServer:
    class Receiver(BaseHTTPRequestHandler):
        """Takes note, and sometimes answers badly or not at all."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with notes.lock:
                notes.delivered[self.headers["webhook-id"]] += 1
            mood = random.random()
            if mood < 0.05:
                self.connection.close()  # it has arrived, but we never say so
                return
            self.send_response(503 if mood < 0.1 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", RECEIVER_PORT), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


# Torment


def _torment(installation: Installation, notes: Notes) -> None:
    began = time.monotonic()
    events = [(8, _flush), (20, _stop_redis), (95, _restart_postgres), (115, _flush)]
    while time.monotonic() - began < SECONDS:
        if events and time.monotonic() - began >= events[0][0]:
            events.pop(0)[1](installation, notes)
        elif random.random() < 0.5:
            _kill(installation, notes, random.choice(["worker-1", "worker-2", "scheduler"]))
        else:
            _kill_between_commit_and_answer(installation, notes)
        time.sleep(random.uniform(4, 8))  # new processes need two or three seconds to be back


def _kill(installation: Installation, notes: Notes, program: str) -> None:
    with asking(installation) as supervisor:
        pid = supervisor.getProcessInfo(program)["pid"]
    if pid:
        _say(installation, notes, f"kill -9 {program}")
        _kill_9(pid)


def _kill_between_commit_and_answer(installation: Installation, notes: Notes) -> None:
    """Watch for a committed report whose client has no answer yet; then kill the web workers."""
    with asking(installation) as supervisor:
        master = supervisor.getProcessInfo("web")["pid"]
    children = _children(master)
    try:
        with _database(installation) as database:
            before = committed = _committed(database)
            for _ in range(1000):
                if committed > max(before, len(notes.numbers)):
                    break
                time.sleep(0.002)
                committed = _committed(database)
    except psycopg.Error:
        return
    for child in children:
        _kill_9(child)
    _say(installation, notes, f"kill -9 {len(children)} web workers", committed)


def _committed(database: psycopg.Connection) -> int:
    return database.execute("SELECT count(*) FROM report").fetchone()[0]


def _flush(installation: Installation, notes: Notes) -> None:
    _say(installation, notes, "redis flushall")
    _redis(installation).flushall()


def _stop_redis(installation: Installation, notes: Notes) -> None:
    _say(installation, notes, f"redis stops for {REDIS_AWAY_SECONDS} s")
    with asking(installation) as supervisor:
        supervisor.stopProcess("redis")
        notes.redis_is_away = True
        time.sleep(REDIS_AWAY_SECONDS)
        notes.redis_is_away = False
        supervisor.startProcess("redis")


def _restart_postgres(installation: Installation, notes: Notes) -> None:
    _say(installation, notes, "postgres restarts")
    with asking(installation) as supervisor:
        supervisor.stopProcess("postgres")
        supervisor.startProcess("postgres")


def _say(installation: Installation, notes: Notes, what: str, committed: int | None = None) -> None:
    with notes.lock:
        waiting, answered = len(notes.in_flight), len(notes.numbers)
    text = f"{what}: {waiting} requests in flight, {answered} answered"
    if committed is not None:
        text += f", {committed} committed"
    print(text, flush=True)


def _redis(installation: Installation) -> Redis:
    return Redis.from_url(_environ(installation)["YA_REDIS_URL"])


def _children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(child) for child in found]


def _kill_9(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


# The check


def _settle_and_check(installation: Installation, notes: Notes, count: int) -> bool:
    with _database(installation) as database:
        _wait_until_settled(database)
        return all(
            _say_check(name, found, wanted)
            for name, found, wanted in _figures(database, notes, count)
        )


def _wait_until_settled(database: psycopg.Connection) -> None:
    waiting = """
        SELECT (SELECT count(*) FROM envio WHERE work_state IN ('pending', 'no_answer'))
             + (SELECT count(*) FROM report_task WHERE work_state IN ('pending', 'no_answer'))
    """
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS:
        if database.execute(waiting).fetchone()[0] == 0:
            break
        time.sleep(1)
    print(f"settled after {time.monotonic() - began:.0f} s")


def _figures(database: psycopg.Connection, notes: Notes, count: int):
    def ask(query: str) -> int:
        return database.execute(query).fetchone()[0]

    numbers = set(notes.numbers.values())
    stored = {row[0] for row in database.execute("SELECT numero FROM report")}
    forwarded = {
        row[0] for row in database.execute("SELECT numero FROM report WHERE state <> 'received'")
    }
    webhooks = {
        str(row[0]) for row in database.execute("SELECT id FROM envio WHERE channel = 'webhook'")
    }
    print(
        f"{len(notes.repeated)} clients had to repeat with their key; "
        f"{sum(notes.delivered.values())} webhook deliveries for {len(webhooks)} Envios"
    )
    yield "clients answered with a number of their own", len(numbers), count
    yield "reports stored that no client knows", len(stored - numbers), 0
    yield "numbers given that are not stored", len(numbers - stored), 0
    yield "numbers given that are not forwarded", len(numbers - forwarded), 0
    yield "webhook Envios that the receiver never saw", len(webhooks - set(notes.delivered)), 0
    yield "webhook Envios, one a report", len(webhooks) >= count, True
    yield "deliveries given up", ask("SELECT count(*) FROM envio WHERE work_state = 'failed'"), 0
    yield "steps given up", ask("SELECT count(*) FROM report_task WHERE work_state = 'failed'"), 0
    yield (
        "reports whose own desk has them other than exactly once",
        ask("""SELECT count(*) FROM report r WHERE 1 <> (SELECT count(*) FROM envio e
            WHERE e.report_id = r.id AND e.channel = 'mesa' AND e.purpose = 'entrega'
              AND e.work_state = 'done')"""),
        0,
    )
    yield (
        "arrivals noted twice in a history",
        ask(
            """SELECT count(*) FROM (SELECT FROM history_entry WHERE event = 'forwarded'
           GROUP BY report_id HAVING count(*) > 1) AS twice"""
        ),
        0,
    )
    print(f"while Redis was away: {notes.accepted_while_redis_away} accepted")
    yield "refused while Redis was away", notes.refused_while_redis_away, 0


def _say_check(name: str, found: object, wanted: object) -> bool:
    print(f"{'ok  ' if found == wanted else 'LOST'} {name}: {found} (wanted {wanted})")
    return found == wanted


if __name__ == "__main__":
    main()
