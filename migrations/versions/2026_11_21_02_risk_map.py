"""Risk maps: facts, analysts' cells, and the citizens' snapshot"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "2026_11_21_02"
down_revision = "2026_11_21_01"
branch_labels = None
depends_on = None

CAPAS = "capa IN ('delito', 'riesgo', 'integrado')"
BANDS = "band IN ('madrugada', 'manana', 'tarde', 'noche')"
TABLES = ("risk_publication", "public_cell", "risk_cell", "risk_hexagon", "risk_fact")


def upgrade():
    _create_facts()
    _create_cells()
    _create_public_layer()


def downgrade():
    for table in TABLES:
        op.drop_table(table)


def _create_facts():
    op.create_table(
        "risk_fact",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("capa", sa.String(), nullable=False),
        sa.Column("grupo", sa.String(), nullable=False),
        sa.Column("categoria", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("cell_9", sa.String(length=15), nullable=False),
        sa.Column("cell_8", sa.String(length=15), nullable=False),
        sa.Column("cell_7", sa.String(length=15), nullable=False),
        sa.Column("zone", sa.String(length=15), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"{CAPAS} AND capa <> 'integrado'", name=op.f("ck_risk_fact_capa_own")),
        sa.CheckConstraint(BANDS, name=op.f("ck_risk_fact_band_known")),
        sa.CheckConstraint("grupo <> ''", name=op.f("ck_risk_fact_grupo_given")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_risk_fact_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_risk_fact")),
    )
    op.create_index("ix_risk_fact_cell_7", "risk_fact", ["cell_7"])
    op.create_index("ix_risk_fact_happened_at", "risk_fact", ["happened_at"])


def _create_cells():
    op.create_table(
        "risk_hexagon",
        sa.Column("cell", sa.String(length=15), nullable=False),
        sa.Column("resolution", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="POLYGON", srid=3857, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.CheckConstraint(
            "resolution BETWEEN 7 AND 9", name=op.f("ck_risk_hexagon_resolution_range")
        ),
        sa.PrimaryKeyConstraint("cell", name=op.f("pk_risk_hexagon")),
    )
    op.create_index("ix_risk_hexagon_geom", "risk_hexagon", ["geom"], postgresql_using="gist")
    op.create_table(
        "risk_cell",
        sa.Column("cell", sa.String(length=15), nullable=False),
        sa.Column("capa", sa.String(), nullable=False),
        sa.Column("grupo", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("score_at_reference", sa.Float(), nullable=False),
        sa.CheckConstraint(CAPAS, name=op.f("ck_risk_cell_capa_known")),
        sa.CheckConstraint(f"band = '' OR {BANDS}", name=op.f("ck_risk_cell_band_known")),
        sa.CheckConstraint("facts > 0", name=op.f("ck_risk_cell_facts_positive")),
        sa.ForeignKeyConstraint(["cell"], ["risk_hexagon.cell"], name=op.f("fk_risk_cell_cell")),
        sa.PrimaryKeyConstraint("cell", "capa", "grupo", "band", name=op.f("pk_risk_cell")),
    )


def _create_public_layer():
    op.create_table(
        "public_cell",
        sa.Column("cell", sa.String(length=15), nullable=False),
        sa.Column("capa", sa.String(), nullable=False),
        sa.Column("resolution", sa.SmallInteger(), nullable=False),
        sa.Column("cell_7", sa.String(length=15), nullable=False),
        sa.Column("clase", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="POLYGON", srid=3857, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.CheckConstraint(CAPAS, name=op.f("ck_public_cell_capa_known")),
        sa.CheckConstraint("clase BETWEEN 1 AND 4", name=op.f("ck_public_cell_clase_range")),
        sa.CheckConstraint(
            "resolution BETWEEN 7 AND 9", name=op.f("ck_public_cell_resolution_range")
        ),
        sa.PrimaryKeyConstraint("cell", "capa", name=op.f("pk_public_cell")),
    )
    op.create_index("ix_public_cell_cell_7", "public_cell", ["cell_7", "capa"])
    op.create_index("ix_public_cell_geom", "public_cell", ["geom"], postgresql_using="gist")
    op.create_table(
        "risk_publication",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_risk_publication_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_publication")),
    )
