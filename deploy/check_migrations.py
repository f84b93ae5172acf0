"""Proves on a throwaway server that migrations and models are one schema; lint.sh calls it.

From empty to the head; back to nothing and up again; step by step with rows in every table
(migrations/rows/<revision>.sql fills what that revision has); and the models, built without
migrations, give the same columns, constraints and indexes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text

from backend.crypto import KeyRing
from backend.db import Base
from backend.models import ALL_MODELS
from deploy.console import complain, step
from deploy.embedded import APP, OWNER, VAULT, PostgresHandle, create_database
from deploy.installation import CHECKOUT
from deploy.throwaway import throwaway_servers

NOT_OURS = "deptype = 'e'"
IN_OUR_SCHEMAS = "n.nspname IN ('public', 'vault')"
# Its rows are the migrations' own: a step down takes away those that its step up put there.
FILLED_BY_MIGRATIONS = {"public.role"}
ROWS = CHECKOUT / "migrations" / "rows"

SCHEMA = f"""
    WITH ours AS (
        SELECT c.oid, n.nspname || '.' || c.relname AS relname, c.relkind FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IN_OUR_SCHEMAS} AND c.relname <> 'alembic_version'
        AND c.relkind IN ('r', 'v', 'm', 'S', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND {NOT_OURS})
    )
    SELECT 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
        FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
        LEFT JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum
        WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT 'constraint ' || relname || '.' || conname || ' ' || pg_get_constraintdef(k.oid)
        FROM ours JOIN pg_constraint k ON conrelid = ours.oid
        AND contype <> 't'  -- triggers are the migrations' own; no model knows them
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(indexrelid)
        FROM ours JOIN pg_index ON indrelid = ours.oid
    ORDER BY 1
"""  # noqa: S608 - constants of this module

LEFT_OVER = f"""
    SELECT 'table ' || n.nspname || '.' || relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = relnamespace
        WHERE {IN_OUR_SCHEMAS} AND relkind IN ('r', 'v', 'm', 'S', 'p')
        AND relname <> 'alembic_version'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND {NOT_OURS})
    UNION ALL
    SELECT 'function ' || n.nspname || '.' || proname FROM pg_proc p
        JOIN pg_namespace n ON n.oid = pronamespace
        WHERE {IN_OUR_SCHEMAS}
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND {NOT_OURS})
    UNION ALL
    SELECT 'type ' || n.nspname || '.' || typname FROM pg_type t
        JOIN pg_namespace n ON n.oid = typnamespace
        WHERE {IN_OUR_SCHEMAS} AND typtype IN ('e', 'd')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND {NOT_OURS})
    UNION ALL
    SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'vault'
"""  # noqa: S608 - constants of this module


class DisagreementError(Exception):
    """Models and migrations, or two ways to the same revision, differ."""


def main() -> int:
    try:
        with throwaway_servers(CHECKOUT / "var" / "checks") as (cluster, _):
            for check in (check_models_agree, check_way_back, check_with_rows):
                with step(str(check.__doc__)), fresh_database(cluster, check.__name__) as url:
                    check(cluster, url)
    except DisagreementError as error:
        return complain(str(error))
    return 0


def check_models_agree(cluster: PostgresHandle, url: str) -> None:
    """Desde vacío; los modelos dan el mismo esquema"""
    migrate(url, lambda config: command.upgrade(config, "head"))
    with connected(url) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": _is_ours,
                "include_schemas": True,
                "include_name": _is_in_our_schemas,
            },
        )
        found = compare_metadata(context, Base.metadata)
    if found:
        raise DisagreementError("\n".join(map(str, found)))
    with fresh_database(cluster, "models") as built, connected(built) as connection:
        if not ALL_MODELS or not Base.metadata.tables:
            raise DisagreementError("No hay modelos")
        connection.execute(text("CREATE SCHEMA vault"))
        Base.metadata.create_all(connection)
        connection.commit()
        _must_equal("migraciones", schema_of(url), "modelos", schema_of(built))


def check_way_back(cluster: PostgresHandle, url: str) -> None:
    """Hasta la base sin dejar nada, y otra vez arriba"""
    migrate(url, lambda config: command.upgrade(config, "head"))
    first = schema_of(url)
    migrate(url, lambda config: command.downgrade(config, "base"))
    left = _lines(url, LEFT_OVER)
    if left:
        raise DisagreementError("El camino hasta la base deja:\n" + "\n".join(left))
    migrate(url, lambda config: command.upgrade(config, "head"))
    _must_equal("la primera vez", first, "la segunda", schema_of(url))


def check_with_rows(cluster: PostgresHandle, url: str) -> None:
    """Paso a paso con filas, abajo y arriba"""
    revisions = _revisions()
    for revision in revisions:
        migrate(url, lambda config, to=revision: command.upgrade(config, to))  # type: ignore[misc]
        _fill(url, ROWS / f"{revision}.sql")
    full = _row_counts(url)
    _must_hold_none(
        [table for table, rows in full.items() if rows == 0], "migrations/rows no llena"
    )
    for revision in reversed(revisions[:-1]):
        migrate(url, lambda config, to=revision: command.downgrade(config, to))  # type: ignore[misc]
        left = _row_counts(url)
        lost = [one for one in left.keys() - FILLED_BY_MIGRATIONS if left[one] != full[one]]
        _must_hold_none(lost, f"bajar a {revision} cambia las filas de")
    before = _row_counts(url)
    migrate(url, lambda config: command.upgrade(config, "head"))
    after = _row_counts(url)
    _must_hold_none(
        [table for table in before if after[table] != full[table]], "subir cambia las filas de"
    )


def migrate(url: str, how: Callable[[Config], None]) -> None:
    config = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    with _environment(url):
        how(config)


@contextmanager
def fresh_database(cluster: PostgresHandle, name: str) -> Iterator[str]:
    """An empty one with PostGIS; its address as the schema's owner."""
    create_database(cluster, name)
    yield cluster.url(OWNER, name)


def schema_of(url: str) -> list[str]:
    return _lines(url, SCHEMA)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _lines(url: str, query: str) -> list[str]:
    with connected(url) as connection:
        return [str(row[0]) for row in connection.execute(text(query))]


def _fill(url: str, file: Path) -> None:
    if not file.exists():
        return
    with connected(url) as connection:
        connection.exec_driver_sql(file.read_text().replace("%", "%%"))
        connection.commit()


def _row_counts(url: str) -> dict[str, int]:
    tables = [line.split()[1] for line in _lines(url, LEFT_OVER) if line.startswith("table ")]
    with connected(url) as connection:
        relations = connection.execute(
            text(
                "SELECT n.nspname || '.' || relname FROM pg_class "
                "JOIN pg_namespace n ON n.oid = relnamespace "
                "WHERE relkind = 'r' AND n.nspname || '.' || relname = ANY(:names)"
            ),
            {"names": tables},
        )
        names = [str(row[0]) for row in relations]
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - names from the catalogue
            for name in names
        }


def _revisions() -> list[str]:
    scripts = ScriptDirectory(str(CHECKOUT / "migrations"))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def _must_hold_none(tables: list[str], complaint: str) -> None:
    if tables:
        raise DisagreementError(f"{complaint}: {', '.join(sorted(tables))}")


def _must_equal(one: str, lines: list[str], other: str, others: list[str]) -> None:
    missing = [f"solo en {one}: {line}" for line in lines if line not in others]
    extra = [f"solo en {other}: {line}" for line in others if line not in lines]
    if missing or extra:
        raise DisagreementError("\n".join(missing + extra))


@contextmanager
def _environment(url: str) -> Iterator[None]:
    """migrations/env.py reads its settings from the environment, as in production."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        KeyRing.generate().save(Path(folder) / "keyring.json")
        os.environ.update(
            YA_DEMO="1",
            YA_DATABASE_URL=make_url(url).set(username=APP).render_as_string(),
            YA_DATABASE_OWNER_URL=url,
            YA_VAULT_URL=make_url(url).set(username=VAULT).render_as_string(),
            YA_REDIS_URL="redis://127.0.0.1",
            YA_MEDIA_URL=f"file://{folder}",
            YA_KEYS_FILE=f"{folder}/keyring.json",
        )
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _is_ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name in ("spatial_ref_sys", "alembic_version"))


def _is_in_our_schemas(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in (None, "vault")


if __name__ == "__main__":
    sys.exit(main())
