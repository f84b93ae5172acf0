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
OUR_SCHEMAS = {None, "vault"}


def _ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name in FOREIGN_TABLES)


def _in_our_schemas(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in OUR_SCHEMAS


def run() -> None:
    settings = load_settings(os.environ)
    engine = create_engine(settings.database_owner_url)
    roles = {
        "ya.app_role": make_url(settings.database_url).username or "",
        "ya.vault_role": make_url(settings.vault_url).username or "",
    }
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        # Migrations that grant rights read the roles from here.
        for name, role in roles.items():
            connection.execute(
                text("SELECT set_config(:name, :role, false)"), {"name": name, "role": role}
            )
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=ALL_MODELS[0].metadata,
            include_object=_ours,
            include_schemas=True,
            include_name=_in_our_schemas,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
