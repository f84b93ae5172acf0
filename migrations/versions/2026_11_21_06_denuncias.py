"""Denuncias and quejas: the form, persons as labels, terms, and who must never know.

Revision ID: 2026_11_21_06
Revises: 2026_11_21_05
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_06"
down_revision = "2026_11_21_05"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
APPEND_ONLY = ("calificacion", "case_person", "complaint_bar", "constancia", "opening_review")


def upgrade():
    _widen_reports("'alerta', 'factor_de_riesgo', 'denuncia', 'queja'", 4000)
    _replace_check("attachment", "position_range", "position BETWEEN 1 AND 12")
    _replace_check(
        "envio", "purpose_known", "purpose IN ('entrega', 'escalamiento', 'recordatorio')"
    )
    op.add_column(
        "police_unit",
        sa.Column("is_independent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "report",
        sa.Column("is_reserved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("report", sa.Column("answer_by", sa.Date(), nullable=True))
    op.add_column("report", sa.Column("remind_at", INSTANT, nullable=True))
    for name, condition in REPORT_CHECKS:
        op.create_check_constraint(op.f(f"ck_report_{name}"), "report", condition)
    op.create_index(
        "ix_report_answer_by",
        "report",
        ["unit_id", "answer_by"],
        unique=False,
        postgresql_where=sa.text("answer_by IS NOT NULL"),
    )
    op.create_index(
        "ix_report_remind_at",
        "report",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    _create_tables()
    _guard_append_only()


def downgrade():
    for table in (*APPEND_ONLY, "queja_desk", "denuncia"):
        op.drop_table(table)
    op.drop_index("ix_report_remind_at", table_name="report")
    op.drop_index("ix_report_answer_by", table_name="report")
    for name, _ in REPORT_CHECKS:
        op.drop_constraint(op.f(f"ck_report_{name}"), "report")
    for column in ("remind_at", "answer_by", "is_reserved"):
        op.drop_column("report", column)
    op.drop_column("police_unit", "is_independent")
    _forget_what_the_earlier_schema_cannot_hold()
    _replace_check("envio", "purpose_known", "purpose IN ('entrega', 'escalamiento')")
    _replace_check("attachment", "position_range", "position BETWEEN 1 AND 4")
    _widen_reports("'alerta', 'factor_de_riesgo'", 2000)


REPORT_CHECKS = (
    ("queja_is_sensible", "kind <> 'queja' OR is_sensible"),
    ("reserved_without_point", "NOT is_reserved OR point IS NULL"),
    ("reserved_is_formal", "NOT is_reserved OR kind IN ('denuncia', 'queja')"),
)


def _widen_reports(kinds, longest):
    _replace_check("report", "kind_known", f"kind IN ({kinds})")
    _replace_check("report", "description_length", f"length(description) <= {longest}")


def _replace_check(table, name, condition):
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _forget_what_the_earlier_schema_cannot_hold():
    """Going back keeps no formal report: each becomes an alerta, its account cut where need be.

    The former schema has no other word for them; whoever goes back restores a backup as well.
    """
    op.execute("DELETE FROM envio WHERE purpose = 'recordatorio'")
    op.execute("DELETE FROM attachment WHERE position > 4")
    op.execute(
        "UPDATE report SET kind = 'alerta', description = left(description, 2000) "
        "WHERE kind IN ('denuncia', 'queja')"
    )


def _create_tables():
    op.create_table(
        "denuncia",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("datos", postgresql.JSONB(), nullable=False),
        sa.Column("ratified_at", INSTANT, nullable=True),
        sa.Column("ratified_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(ratified_at IS NULL) = (ratified_by IS NULL)",
            name=op.f("ck_denuncia_ratified_by_staff"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_denuncia_report_id")),
        sa.ForeignKeyConstraint(
            ["ratified_by"], ["staff.id"], name=op.f("fk_denuncia_ratified_by")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_denuncia")),
    )
    op.create_table(
        "calificacion",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("codigo", sa.String(length=6), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_calificacion_report_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calificacion_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calificacion")),
    )
    op.create_index(
        "uq_calificacion_report_codigo", "calificacion", ["report_id", "codigo"], unique=True
    )
    op.create_table(
        "case_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.CheckConstraint(
            "length(label) BETWEEN 1 AND 40", name=op.f("ck_case_person_label_length")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_case_person_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_person")),
    )
    op.create_index(
        "uq_case_person_report_label", "case_person", ["report_id", "label"], unique=True
    )
    op.create_table(
        "complaint_bar",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("is_accused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_complaint_bar_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_complaint_bar_unit_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "unit_id", name=op.f("pk_complaint_bar")),
    )
    op.create_index("ix_complaint_bar_unit", "complaint_bar", ["unit_id"], unique=False)
    op.create_table(
        "constancia",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_constancia_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_constancia")),
    )
    op.create_table(
        "opening_review",
        sa.Column("opening_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("words", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('justificada', 'observada')", name=op.f("ck_opening_review_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_opening_review_staff_id")
        ),
        sa.PrimaryKeyConstraint("opening_id", name=op.f("pk_opening_review")),
    )
    op.create_table(
        "queja_desk",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_queja_desk_position_positive")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_queja_desk_unit_id")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_queja_desk")),
        sa.UniqueConstraint("position", name=op.f("uq_queja_desk_position")),
    )


def _guard_append_only():
    """By rights, and for whoever owns the tables by the trigger of the first schema."""
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
        )
    op.execute(
        f"""
        DO $$ DECLARE app text := current_setting('ya.app_role'); BEGIN
            IF app = current_user THEN RETURN; END IF;
            EXECUTE format('REVOKE UPDATE, DELETE ON {", ".join(APPEND_ONLY)} FROM %I', app);
        END $$
        """
    )
