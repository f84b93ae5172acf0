"""Every screen of the rosters, of a whole country: `python -m bench.padron [PLANS.md] [UNITS]`.

1,500 comisarías × 7 juntas × 12 members with a year of informes, on throwaway servers. Each
screen is asked for thirty times by whoever may, in turns with an empty page of the same session,
which is the floor. Then the plans of its slowest statements go to PLANS.md, and what the tables'
own counters say: how often any was read from end to end. Ratios are what counts.
"""

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from flask import Flask
from sqlalchemy import Engine, create_engine

from backend import clock
from backend.crypto import KeyRing
from backend.db import db
from backend.settings import load_settings
from backend.territory.queries import today
from bench.generated_juntas import analyse, generate, seal_names
from bench.padron_screens import Answer, People, Screen, screens
from bench.plans import Statement, pages_of, plan_of, short_plan, statements_of, whole_readings
from bench.vault_plans import vault_plans
from deploy.embedded import PostgresHandle
from deploy.throwaway import throwaway_servers
from wsgi import compose

PROJECT = Path(__file__).parent.parent
UNITS = 1_500
WARMING = 5
ROUNDS = 30
TARGET_MS = 100
# Tables that grow with the country: no screen may read one of them from end to end.
LARGE = (
    *("junta_member", "vault.member", "junta_vecinal", "junta_term", "junta_event"),
    *("junta_training", "coordinator", "informe", "report", "history_entry", "message"),
)
PLANS_SHOWN = 2


class WrongAnswer(Exception):
    """A screen is not there, or broken: the others are measured all the same."""


@dataclass
class Measured:
    """One screen: milliseconds of each request and of the floor beside it, and what it asked."""

    screen: Screen
    floor: list[float]
    times: list[float]
    statements: list[Statement]
    read_whole: dict[str, int]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    def __str__(self) -> str:
        p95 = sorted(self.times)[int(len(self.times) * 0.95)]
        floor = statistics.median(self.floor)
        ratio = f"{self.median / floor:5.1f}×"
        count = sum(len(one.seconds) for one in self.statements)
        late = "" if self.median < TARGET_MS else "  SLOW"
        whole = "".join(f"  READ WHOLE: {name} {n}" for name, n in self.read_whole.items())
        figures = f"{self.median:7.1f} ms {p95:7.1f} p95 {floor:6.1f} floor {ratio} {count:3} st."
        return f"{self.screen.name:52} {figures}{late}{whole}"


def main(plans: Path | None, units: int) -> None:
    with installed() as (app, owner, postgres):
        with app.app_context(), timed(f"{units} comisarías generated, names sealed"):
            generate(owner, units, today())
            seal_names(owner, app.extensions["yo_alerto"].settings.keys, clock.now())
            analyse(owner)
            db.session.remove()
        measured = list(_measured(app, owner, People(app, units)))
        if plans:
            inside = "\n".join(_inside_the_vault(postgres.superuser_url))
            plans.write_text(f"{_written(app, measured, units)}\n{inside}")
        _forget_connections(app)


def _measured(app: Flask, owner: Engine, people: People) -> Iterator[Measured]:
    for screen in screens(people):
        try:
            one = _measure(app, owner, people, screen)
        except WrongAnswer as problem:
            print(f"{screen.name:52} {problem}", flush=True)
        else:
            print(one, flush=True)
            yield one


def _measure(app: Flask, owner: Engine, people: People, screen: Screen) -> Measured:
    before = whole_readings(owner)
    for number in range(WARMING):
        _checked(screen, screen.ask(number))
    floor, times = [], []
    for number in range(WARMING, WARMING + ROUNDS):
        floor.append(_milliseconds(lambda: people.empty_page(screen.who)))
        times.append(_milliseconds(lambda n=number: _checked(screen, screen.ask(n))))
    with app.app_context():
        engines = list(db.engines.values())
    with statements_of(*engines) as sent:
        _checked(screen, screen.ask(WARMING + ROUNDS))
    _forget_connections(app)
    time.sleep(0.3)  # a session tells its counts when it ends
    after = whole_readings(owner)
    grown = {name: after[name] - before[name] for name in LARGE if after[name] > before[name]}
    return Measured(screen, floor, times, list(sent.values()), grown)


def _checked(screen: Screen, answer: Answer) -> None:
    if answer.status_code != screen.status:
        raise WrongAnswer(f"answered {answer.status_code}")


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _forget_connections(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def installed() -> Iterator[tuple[Flask, Engine, PostgresHandle]]:
    """The whole web on throwaway servers with an empty, migrated database, and its owner."""
    with (
        throwaway_servers(PROJECT / "var" / "bench") as (postgres, redis),
        tempfile.TemporaryDirectory() as folder,
    ):
        environ = _environ(Path(folder), postgres, redis.url)
        os.environ.update(environ)
        config = Config(str(PROJECT / "migrations" / "alembic.ini"))
        config.set_main_option("script_location", str(PROJECT / "migrations"))
        command.upgrade(config, "head")
        owner = create_engine(postgres.owner_url)
        yield compose(load_settings(environ)), owner, postgres
        owner.dispose()


def _environ(folder: Path, postgres: PostgresHandle, redis_url: str) -> dict[str, str]:
    KeyRing.generate().save(folder / "keyring.json")
    return {
        "YA_DEMO": "1",
        "YA_DATABASE_URL": postgres.app_url,
        "YA_DATABASE_OWNER_URL": postgres.owner_url,
        "YA_VAULT_URL": postgres.vault_url,
        "YA_REDIS_URL": redis_url,
        "YA_MEDIA_URL": folder.as_uri(),
        "YA_KEYS_FILE": str(folder / "keyring.json"),
    }


# What is kept of the plans


def _written(app: Flask, measured: list[Measured], units: int) -> str:
    intro = INTRO.format(units=units, members=units * 84, rounds=ROUNDS, large=", ".join(LARGE))
    shown: dict[str, str] = {}
    with app.app_context():
        sections = [_section(one, shown) for one in measured]
    return intro + "\n" + "\n".join(sections)


INTRO = """\
# Planes de las pantallas del padrón

Escrito por `python -m bench.padron docs/planes_padron.md` sobre {units} comisarías generadas con \
{members} integrantes: de cada pantalla, sin la consulta de la sesión, las que más páginas de la \
base miran y cómo las resolvió PostgreSQL. Entre paréntesis, filas × veces. «Leídas enteras» no \
sale del plan, sino de los contadores de PostgreSQL durante las {rounds} peticiones medidas; se \
miran {large}.
"""


def _is_shown(statement: Statement) -> bool:
    """Whose session it is, every page asks."""
    return statement.is_planned and "fs_uniquifier =" not in statement.words


def _section(one: Measured, shown: dict[str, str]) -> str:
    """What differs from the sections before it."""
    whole = ", ".join(one.read_whole) or "ninguna"
    name = one.screen.name
    lines = [f"## {name[0].upper()}{name[1:]}", "", f"Leídas enteras: {whole}."]
    planned = [(plan_of(each, is_run=True), each) for each in one.statements if _is_shown(each)]
    planned.sort(key=lambda pair: -pages_of(pair[0]))
    for plan, statement in planned[:PLANS_SHOWN]:
        took = f"{plan['Execution Time']:.2f} ms, {pages_of(plan)} páginas."
        tree = "\n".join(short_plan(plan))
        first = shown.setdefault(re.sub(r" \(\d+ × \d+\)", "", tree), name)
        if first == name:
            lines += ["", f"`{statement.shown}`", "", "```text", tree, "```", "", took]
        else:
            lines += ["", f"`{statement.shown}`", "", f"El mismo plan que en «{first}»: {took}"]
    return "\n".join(lines) + "\n"


def _inside_the_vault(superuser_url: str) -> Iterator[str]:
    yield "## Dentro de las funciones de la bóveda\n"
    for name, told in vault_plans(superuser_url):
        yield f"{name}:\n\n```text"
        for _, plan in told:
            yield from short_plan(plan)
        yield "```\n"


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]) if given else None, int(given[1]) if len(given) > 1 else UNITS)
