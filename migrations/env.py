"""Runs migrations as the owner of the schema; `flask db …` calls it."""

import os

from alembic import context
from sqlalchemy import create_engine, make_url, text

from backend.models import ALL_MODELS
from backend.settings import load_settings

# A migration that waits for a lock makes every request behind it wait, too: give up early.
LOCK_TIMEOUT = "5s"
# Tables of extensions are none of ours.
FOREIGN_TABLES = {"spatial_ref_sys"}


def _ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name in FOREIGN_TABLES)


def run() -> None:
    settings = load_settings(os.environ)
    engine = create_engine(settings.database_owner_url)
    app_role = make_url(settings.database_url).username or ""
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        # Migrations that grant rights read the application's role from here.
        connection.execute(
            text("SELECT set_config('ya.app_role', :role, false)"), {"role": app_role}
        )
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=ALL_MODELS[0].metadata,
            include_object=_ours,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
