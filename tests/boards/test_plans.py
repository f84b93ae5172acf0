"""No screen of the rosters reads a large table from end to end, whoever asks for it."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from backend import clock
from backend.db import db
from backend.parts import Parts
from backend.territory.queries import today
from bench.generated_juntas import analyse, generate, seal_names, stand_in_names
from bench.padron_screens import UNIT, People, screens
from bench.plans import plan_of, read_whole, short_plan, statements_of
from bench.vault_plans import VAULT_CALLS, vault_values

UNITS = 120
UNITS_PER_REGION = 5
LARGE = {"junta_member", "junta_event", "informe", "report", "history_entry"}


@pytest.fixture
def people(app: Flask, parts: Parts, owner_engine: Engine) -> People:
    """A hundred comisarías; the names of only one can be read."""
    generate(owner_engine, UNITS, today(), most_told=2, units_per_region=UNITS_PER_REGION)
    seal_names(owner_engine, parts.settings.keys, clock.now(), only=f"GEN-{UNIT}")
    stand_in_names(owner_engine)
    analyse(owner_engine)
    return People(app, UNITS)


def test_every_screen_of_the_roster_is_answered_from_indexes(people: People, owner_engine: Engine):
    whole: list[str] = []
    for screen in screens(people):
        with statements_of(*db.engines.values()) as sent:
            answer = screen.ask(UNIT)
        assert answer.status_code == screen.status, f"{screen.name}: {answer.text[:500]}"
        assert sent, screen.name
        for plan in map(plan_of, filter(lambda one: one.is_planned, sent.values())):
            if read_whole(plan, LARGE):
                whole += [screen.name, *short_plan(plan)]
    assert not whole, "\n".join(whole)
    assert not _read_whole_inside_the_vault(owner_engine)


def _read_whole_inside_the_vault(owner_engine: Engine) -> list[str]:
    """The vault's functions that did so: EXPLAIN does not look into them, PostgreSQL counts."""
    whole = []
    with owner_engine.connect() as connection:
        driver = connection.connection.driver_connection
        values = vault_values(driver)
        for name, call in VAULT_CALLS.items():
            driver.execute(call, values)
            if driver.execute(WHOLE_READINGS_NOW).fetchone() != (0,):
                whole.append(name)
            driver.rollback()
    return whole


WHOLE_READINGS_NOW = """
    SELECT seq_scan FROM pg_stat_xact_all_tables WHERE relid = 'vault.member'::regclass
"""
