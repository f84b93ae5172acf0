"""Answer an open desk's question, and count the review tray, from an index alone.

Revision ID: 2026_11_21_04
Revises: 2026_11_21_03
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_04"
down_revision = "2026_11_21_03"
branch_labels = None
depends_on = None

CHANGED = (("ix_report_sector", "sector_id"), ("ix_report_escalated", "escalated_unit_id"))


def upgrade():
    for name, column in CHANGED:
        op.drop_index(name, table_name="report")
        op.create_index(
            name,
            "report",
            [column, "updated_at"],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(
        "ix_report_review",
        "report",
        ["unit_id", "held_until"],
        unique=False,
        postgresql_where=sa.text("moderation = 'held'"),
    )


def downgrade():
    op.drop_index("ix_report_review", table_name="report")
    for name, column in CHANGED:
        op.drop_index(name, table_name="report")
        op.create_index(
            name,
            "report",
            [column],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
