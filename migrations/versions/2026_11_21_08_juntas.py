"""Juntas vecinales: the roster, its files, the coordinators and what juntas told.

Revision ID: 2026_11_21_08
Revises: 2026_11_21_07
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_08"
down_revision = "2026_11_21_07"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

OLD_ROLES = (
    "'operador', 'comisario', 'jefe_sector', 'supervisor', 'analista', 'secretaria_tecnica', "
    "'administrador', 'auditor'"
)
NEW_ROLES = ("participacion_ciudadana", "cargador_padron")


def upgrade():
    _rename_roles(OLD_ROLES + "".join(f", '{role}'" for role in NEW_ROLES))
    for role in NEW_ROLES:
        op.execute(f"INSERT INTO role (name) VALUES ('{role}')")  # noqa: S608  # constants above
    op.add_column(
        "report",
        sa.Column("from_junta", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_report_sensible_from_nobody"), "report", "NOT (from_junta AND is_sensible)"
    )
    _create_imports()
    _create_juntas()
    _create_access()
    _create_informes()
    _guard_append_only()


def downgrade():
    """The rosters are lost with their tables: whoever goes back restores a backup as well."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_constraint(op.f("ck_report_sensible_from_nobody"), "report")
    op.drop_column("report", "from_junta")
    gone = f"NOT (name IN ({OLD_ROLES}))"
    op.execute(f"DELETE FROM staff_role WHERE role_id IN (SELECT id FROM role WHERE {gone})")  # noqa: S608  # constants above
    op.execute(f"DELETE FROM role WHERE {gone}")  # noqa: S608  # constants above
    _rename_roles(OLD_ROLES)


TABLES = (
    "informe",
    "junta_confirmation",
    "coordinator",
    "padron_export",
    "padron_seat",
    "junta_event",
    "junta_training",
    "junta_member",
    "junta_term",
    "junta_vecinal",
    "padron_row",
    "padron_problem",
    "padron_import",
)


def _rename_roles(names):
    op.drop_constraint(op.f("ck_role_name_known"), "role")
    op.create_check_constraint(op.f("ck_role_name_known"), "role", f"name IN ({names})")


def _create_imports():
    op.create_table(
        "padron_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("is_loader", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=True),
        sa.Column("key_version", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'subida'"), nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_right", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_known", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("work_state", sa.String(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('subida', 'revisada', 'aplicada', 'descartada', 'deshecha', 'ilegible')",
            name=op.f("ck_padron_import_state_known"),
        ),
        sa.CheckConstraint(
            "work_state IN ('pending', 'no_answer', 'done', 'failed')",
            name=op.f("ck_padron_import_work_state_known"),
        ),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (applied_by IS NULL)",
            name=op.f("ck_padron_import_applied_by_staff"),
        ),
        sa.CheckConstraint(
            "(sealed_file IS NULL) = (key_version IS NULL)",
            name=op.f("ck_padron_import_file_has_key"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)",
            name=op.f("ck_padron_import_undone_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["applied_by"], ["staff.id"], name=op.f("fk_padron_import_applied_by")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_padron_import_staff_id")),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["staff.id"], name=op.f("fk_padron_import_undone_by")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_padron_import_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_padron_import")),
    )
    op.create_index(
        "ix_padron_import_due",
        "padron_import",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("work_state IN ('pending', 'no_answer')"),
    )
    op.create_index(
        "ix_padron_import_unit", "padron_import", ["unit_id", "created_at"], unique=False
    )
    op.create_table(
        "padron_problem",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("is_warning", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["padron_import.id"],
            name=op.f("fk_padron_problem_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_padron_problem")),
    )
    op.create_index(
        "ix_padron_problem_import", "padron_problem", ["import_id", "row", "id"], unique=False
    )
    op.create_table(
        "padron_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("junta_code", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("is_repeated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("junta", postgresql.JSONB(), nullable=False),
        sa.Column("member", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["padron_import.id"],
            name=op.f("fk_padron_row_import_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_padron_row_unit_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_padron_row")),
    )


def _create_juntas():
    op.create_table(
        "junta_vecinal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("ubigeo", sa.String(length=6), nullable=True),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("area_source", sa.String(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "area_source IS NULL OR area_source IN ('dibujada', 'importada')",
            name=op.f("ck_junta_vecinal_area_source_known"),
        ),
        sa.CheckConstraint(
            "code ~ '^[A-Z0-9][A-Z0-9./-]{0,29}$'", name=op.f("ck_junta_vecinal_code_form")
        ),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (end_reason IS NULL)",
            name=op.f("ck_junta_vecinal_end_has_reason"),
        ),
        sa.CheckConstraint(
            "(geom IS NULL) = (area_source IS NULL)", name=op.f("ck_junta_vecinal_area_has_source")
        ),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 120", name=op.f("ck_junta_vecinal_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name=op.f("fk_junta_vecinal_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["padron_import.id"], name=op.f("fk_junta_vecinal_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_junta_vecinal_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_junta_vecinal")),
        sa.UniqueConstraint("unit_id", "code", name=op.f("uq_junta_vecinal_unit_id_code")),
    )
    op.create_index(
        "ix_junta_vecinal_geom", "junta_vecinal", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_junta_vecinal_import",
        "junta_vecinal",
        ["import_id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_junta_vecinal_unit_until",
        "junta_vecinal",
        ["unit_id", "valid_until", "code"],
        unique=False,
    )
    op.create_table(
        "junta_term",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("recognised_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(act) BETWEEN 1 AND 120", name=op.f("ck_junta_term_act_length")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_junta_term_valid_period")),
        sa.ForeignKeyConstraint(
            ["junta_id"],
            ["junta_vecinal.id"],
            name=op.f("fk_junta_term_junta_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff.id"], name=op.f("fk_junta_term_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_junta_term")),
        sa.UniqueConstraint(
            "junta_id", "valid_from", name=op.f("uq_junta_term_junta_id_valid_from")
        ),
    )
    op.create_index("ix_junta_term_from", "junta_term", ["valid_from"], unique=False)
    op.create_table(
        "junta_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("designated_by", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("is_repeated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("sex IN ('mujer', 'hombre')", name=op.f("ck_junta_member_sex_known")),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (end_reason IS NULL)", name=op.f("ck_junta_member_end_has_reason")
        ),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_junta_member_valid_period")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name=op.f("fk_junta_member_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["padron_import.id"], name=op.f("fk_junta_member_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["junta_id"],
            ["junta_vecinal.id"],
            name=op.f("fk_junta_member_junta_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_junta_member")),
        sa.UniqueConstraint("junta_id", "position", name=op.f("uq_junta_member_junta_id_position")),
    )
    op.create_index(
        "ix_junta_member_import",
        "junta_member",
        ["import_id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "junta_training",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["junta_member.id"],
            name=op.f("fk_junta_training_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff.id"], name=op.f("fk_junta_training_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_junta_training")),
    )
    op.create_index("ix_junta_training_member", "junta_training", ["member_id"], unique=False)
    op.create_table(
        "junta_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_junta_event_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_junta_event")),
    )
    op.create_index("ix_junta_event_junta", "junta_event", ["junta_id", "id"], unique=False)


def _create_access():
    op.create_table(
        "padron_seat",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("seat BETWEEN 1 AND 2", name=op.f("ck_padron_seat_seats_per_unit")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_padron_seat_staff_id")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_padron_seat_unit_id")
        ),
        sa.PrimaryKeyConstraint("unit_id", "seat", name=op.f("pk_padron_seat")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_padron_seat_staff_id")),
    )
    op.create_table(
        "coordinator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("enrol_hash", sa.LargeBinary(), nullable=True),
        sa.Column("enrol_until", INSTANT, nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("enrolled_at", INSTANT, nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("wrong_pins", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(enrol_hash IS NULL) = (enrol_until IS NULL)",
            name=op.f("ck_coordinator_enrolment_has_end"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)",
            name=op.f("ck_coordinator_revoked_has_reason"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(secret_hash, pin_hash, enrolled_at) IN (0, 3)",
            name=op.f("ck_coordinator_enrolled_whole"),
        ),
        sa.CheckConstraint("wrong_pins >= 0", name=op.f("ck_coordinator_wrong_pins_counted")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name=op.f("fk_coordinator_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["junta_id"], ["junta_vecinal.id"], name=op.f("fk_coordinator_junta_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["junta_member.id"], name=op.f("fk_coordinator_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["staff.id"], name=op.f("fk_coordinator_revoked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordinator")),
        sa.UniqueConstraint("enrol_hash", name=op.f("uq_coordinator_enrol_hash")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_coordinator_secret_hash")),
    )
    op.create_index("ix_coordinator_junta", "coordinator", ["junta_id", "created_at"], unique=False)
    op.create_index("ix_coordinator_member", "coordinator", ["member_id"], unique=False)
    op.create_index(
        "uq_coordinator_member",
        "coordinator",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "padron_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("downloaded_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pedida', 'aprobada', 'rechazada', 'descargada')",
            name=op.f("ck_padron_export_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('pedida', 'rechazada') OR rows <= 50 OR decided_by IS NOT NULL",
            name=op.f("ck_padron_export_many_rows_need_second_person"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_padron_export_decided_by_staff"),
        ),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_padron_export_second_person")),
        sa.CheckConstraint("rows > 0", name=op.f("ck_padron_export_rows_positive")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_padron_export_asked_by")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_padron_export_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["junta_id"], ["junta_vecinal.id"], name=op.f("fk_padron_export_junta_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_padron_export_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_padron_export")),
    )
    op.create_index(
        "ix_padron_export_junta",
        "padron_export",
        ["junta_id"],
        unique=False,
        postgresql_where=sa.text("junta_id IS NOT NULL"),
    )
    op.create_index("ix_padron_export_unit", "padron_export", ["unit_id", "asked_at"], unique=False)


def _create_informes():
    op.create_table(
        "informe",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('delito', 'falta', 'factor_de_riesgo', 'otro')",
            name=op.f("ck_informe_kind_known"),
        ),
        sa.CheckConstraint("source IN ('propia', 'vecino')", name=op.f("ck_informe_source_known")),
        sa.CheckConstraint(
            "report_id IS NOT NULL OR extract(day FROM told_on) = 1",
            name=op.f("ck_informe_sensible_by_month"),
        ),
        sa.ForeignKeyConstraint(
            ["junta_id"], ["junta_vecinal.id"], name=op.f("fk_informe_junta_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_informe_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informe")),
        sa.UniqueConstraint("report_id", name=op.f("uq_informe_report_id")),
    )
    op.create_index("ix_informe_junta", "informe", ["junta_id", "told_on", "id"], unique=False)
    op.create_table(
        "junta_confirmation",
        sa.Column("junta_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cell", sa.String(length=15), nullable=False),
        sa.Column("categoria", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["junta_id"],
            ["junta_vecinal.id"],
            name=op.f("fk_junta_confirmation_junta_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "junta_id", "day", "cell", "categoria", name=op.f("pk_junta_confirmation")
        ),
    )
    op.create_index(
        "ix_junta_confirmation_cell", "junta_confirmation", ["cell", "day"], unique=False
    )


def _guard_append_only():
    """By rights, and for whoever owns the table by the trigger of the first schema."""
    op.execute(
        "CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE ON junta_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
    )
    op.execute(
        """
        DO $$ DECLARE app text := current_setting('ya.app_role'); BEGIN
            IF app = current_user THEN RETURN; END IF;
            EXECUTE format('REVOKE UPDATE, DELETE ON junta_event FROM %I', app);
        END $$
        """
    )
