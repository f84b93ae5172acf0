"""Photos of a report: sealed originals and what was derived from them"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "2026_11_21_03"
down_revision = "2026_11_21_02"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("failure_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_name", sa.String(length=32), nullable=False),
        sa.Column("original_key", sa.LargeBinary(), nullable=False),
        sa.Column("original_key_version", sa.SmallInteger(), nullable=False),
        sa.Column("large_name", sa.String(length=32), nullable=True),
        sa.Column("large_key", sa.LargeBinary(), nullable=True),
        sa.Column("large_key_version", sa.SmallInteger(), nullable=True),
        sa.Column("large_size_bytes", sa.Integer(), nullable=True),
        sa.Column("small_name", sa.String(length=32), nullable=True),
        sa.Column("small_key", sa.LargeBinary(), nullable=True),
        sa.Column("small_key_version", sa.SmallInteger(), nullable=True),
        sa.Column("small_size_bytes", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("photo_taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "photo_point",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(state = 'derived') = (large_name IS NOT NULL AND small_name IS NOT NULL)",
            name=op.f("ck_attachment_derived_has_pictures"),
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (failure_reason IS NOT NULL)",
            name=op.f("ck_attachment_failed_has_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'pending') = (finished_at IS NULL)",
            name=op.f("ck_attachment_finished_has_time"),
        ),
        sa.CheckConstraint(
            "content_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic')",
            name=op.f("ck_attachment_content_type_known"),
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_attachment_sha256_hex")),
        sa.CheckConstraint(
            "state IN ('pending', 'derived', 'failed')", name=op.f("ck_attachment_state_known")
        ),
        sa.CheckConstraint(
            "num_nulls(large_name, large_key, large_key_version, large_size_bytes) IN (0, 4)",
            name=op.f("ck_attachment_large_whole"),
        ),
        sa.CheckConstraint(
            "num_nulls(small_name, small_key, small_key_version, small_size_bytes) IN (0, 4)",
            name=op.f("ck_attachment_small_whole"),
        ),
        sa.CheckConstraint("position BETWEEN 1 AND 4", name=op.f("ck_attachment_position_range")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_attachment_size_positive")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_attachment_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("report_id", "position", name="uq_attachment_position"),
    )
    op.create_index("ix_attachment_large_name", "attachment", ["large_name"], unique=True)
    op.create_index("ix_attachment_original_name", "attachment", ["original_name"], unique=True)
    op.create_index(
        "ix_attachment_pending",
        "attachment",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_attachment_small_name", "attachment", ["small_name"], unique=True)


def downgrade():
    op.drop_table("attachment")
