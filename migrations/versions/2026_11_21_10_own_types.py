"""What runs with the owner's rights looks into a session's temporary schema last of all.

An empty `search_path` still finds a temporary type before the system's own of that name, and the
checks of such a type would run with the owner's rights: whoever holds the vault's role could have
read it whole, and left no trace.

Revision ID: 2026_11_21_10
Revises: 2026_11_21_09
"""

from alembic import op

revision = "2026_11_21_10"
down_revision = "2026_11_21_09"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "record_opening(uuid, uuid, integer, integer, text, text)",
    "open_person(bigint)",
    "count_same_document(bytea[], timestamptz)",
    "known_documents(integer, bytea[])",
    "replace_member(uuid, integer, bytea, smallint, bytea, smallint)",
    "forget_loose_members(uuid)",
    "record_reading(integer, integer, uuid, uuid, uuid[], text)",
    "read_members(bigint)",
)


def upgrade():
    _look_in("pg_catalog, pg_temp")


def downgrade():
    _look_in("''")


def _look_in(schemas):
    for function in FUNCTIONS:
        op.execute(f"ALTER FUNCTION vault.{function} SET search_path = {schemas}")
