"""The first schema: territory, staff, reports, deliveries"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_01"
down_revision = None
branch_labels = None
depends_on = None

# Appended to, never edited: guarded by rights and, for whoever owns the tables, by a trigger.
APPEND_ONLY = ("history_entry", "message", "audit_entry")

ROLES = (
    "operador",
    "comisario",
    "jefe_sector",
    "supervisor",
    "analista",
    "secretaria_tecnica",
    "administrador",
    "auditor",
)


def upgrade():
    _create_tables()
    _guard_append_only()
    _grant_to_application()
    _insert_what_must_exist()


def downgrade():
    _drop_tables()
    op.execute("DROP FUNCTION refuse_edit()")
    op.execute(
        """
        DO $$ BEGIN
            IF current_setting('ya.app_role') <> current_user THEN
                EXECUTE format(
                    'ALTER DEFAULT PRIVILEGES IN SCHEMA public
                     REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM %I',
                    current_setting('ya.app_role'));
                EXECUTE format(
                    'ALTER DEFAULT PRIVILEGES IN SCHEMA public
                     REVOKE USAGE ON SEQUENCES FROM %I', current_setting('ya.app_role'));
            END IF;
        END $$
        """
    )


def _guard_append_only():
    op.execute(
        """
        CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
        )


def _grant_to_application():
    """Rights of the application's role; nothing to do where it owns the schema itself."""
    op.execute(
        """
        DO $$ DECLARE app text := current_setting('ya.app_role'); owned record; BEGIN
            IF app = current_user THEN RETURN; END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
            FOR owned IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tableowner = current_user LOOP
                EXECUTE format(
                    'GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', owned.tablename, app);
            END LOOP;
            EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', app);
            EXECUTE format(
                'ALTER DEFAULT PRIVILEGES IN SCHEMA public
                 GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', app);
            EXECUTE format(
                'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO %I', app);
            EXECUTE format(
                'REVOKE UPDATE, DELETE ON history_entry, message, audit_entry FROM %I', app);
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %I', app);
        END $$
        """
    )


def _insert_what_must_exist():
    """The desk of last resort, without which a report would have nowhere to go; the roles."""
    op.execute(
        "INSERT INTO police_unit (code, kind, name, valid_from, source) VALUES "
        "('SIN-JURISDICCION', 'mesa', 'Mesa sin jurisdicción', '2026-01-01', 'sistema')"
    )
    for role in ROLES:
        op.execute(f"INSERT INTO role (name) VALUES ('{role}')")  # noqa: S608  # constants above


def _create_tables():
    op.create_table(
        "district",
        sa.Column("ubigeo", sa.String(length=6), nullable=False),
        sa.Column("ubigeo_reniec", sa.String(length=6), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("ubigeo ~ '^[0-9]{6}$'", name=op.f("ck_district_ubigeo_six_digits")),
        sa.CheckConstraint(
            "ubigeo_reniec IS NULL OR ubigeo_reniec ~ '^[0-9]{6}$'",
            name=op.f("ck_district_reniec_six_digits"),
        ),
        sa.PrimaryKeyConstraint("ubigeo", name=op.f("pk_district")),
    )
    op.create_index("ix_district_geom", "district", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_district_province", "district", [sa.literal_column("left(ubigeo, 4)")], unique=False
    )
    op.create_table(
        "police_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("is_basic", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "matters", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("ubigeo", sa.String(length=6), nullable=True),
        sa.Column(
            "point",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'sector' OR parent_id IS NOT NULL",
            name=op.f("ck_police_unit_sector_has_parent"),
        ),
        sa.CheckConstraint(
            "kind = 'especializada' OR matters = '{}'",
            name=op.f("ck_police_unit_matters_only_if_specialised"),
        ),
        sa.CheckConstraint(
            "kind IN ('region', 'divpol', 'comisaria', 'especializada', 'sector', 'mesa')",
            name=op.f("ck_police_unit_kind_known"),
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_police_unit_not_its_own_parent")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from",
            name=op.f("ck_police_unit_valid_period"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["police_unit.id"], name=op.f("fk_police_unit_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_police_unit_code")),
    )
    op.create_index("ix_police_unit_parent", "police_unit", ["parent_id"], unique=False)
    op.create_index(
        "ix_police_unit_point", "police_unit", ["point"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.CheckConstraint(
            "name IN ('operador', 'comisario', 'jefe_sector', 'supervisor', 'analista', 'secretaria_tecnica', 'administrador', 'auditor')",
            name=op.f("ck_role_name_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "switch",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switch")),
    )
    op.create_table(
        "desk_heartbeat",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_desk_heartbeat_unit_id")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_desk_heartbeat")),
    )
    op.create_table(
        "jurisdiction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from",
            name=op.f("ck_jurisdiction_valid_period"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_jurisdiction_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdiction")),
    )
    op.create_index(
        "ix_jurisdiction_geom_current",
        "jurisdiction",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_index("ix_jurisdiction_unit", "jurisdiction", ["unit_id"], unique=False)
    op.create_index(
        "uq_jurisdiction_current_unit",
        "jurisdiction",
        ["unit_id"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column(
            "must_change_password", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(), nullable=True),
        sa.Column("mf_recovery_codes", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["police_unit.id"], name=op.f("fk_staff_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_fs_uniquifier")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
    )
    op.create_index("ix_staff_unit", "staff", ["unit_id"], unique=False)
    op.create_table(
        "unit_channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("secret_key_version", sa.SmallInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind = 'webhook') = (sealed_secret IS NOT NULL)",
            name=op.f("ck_unit_channel_webhook_secret"),
        ),
        sa.CheckConstraint(
            "kind IN ('correo', 'webhook')", name=op.f("ck_unit_channel_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_unit_channel_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_channel")),
        sa.UniqueConstraint(
            "unit_id", "kind", "address", name=op.f("uq_unit_channel_unit_id_kind_address")
        ),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("subject_staff_id", sa.Integer(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id")),
        sa.ForeignKeyConstraint(
            ["subject_staff_id"], ["staff.id"], name=op.f("fk_audit_entry_subject_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"], unique=False)
    op.create_index("ix_audit_entry_report", "audit_entry", ["report_id", "id"], unique=False)
    op.create_index("ix_audit_entry_staff", "audit_entry", ["staff_id", "id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("numero", sa.String(length=14), nullable=False),
        sa.Column("clave_key_version", sa.SmallInteger(), nullable=False),
        sa.Column("clave_version", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("categoria", sa.String(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("is_sensible", sa.Boolean(), nullable=False),
        sa.Column("is_ongoing", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("description_hash", sa.LargeBinary(), nullable=True),
        sa.Column("place_source", sa.String(), nullable=False),
        sa.Column(
            "point",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("cell", sa.String(length=15), nullable=True),
        sa.Column("ubigeo", sa.String(length=6), nullable=True),
        sa.Column("reference", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("moderation", sa.String(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column(
            "verification", sa.String(), server_default=sa.text("'unverified'"), nullable=False
        ),
        sa.Column(
            "flags", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("nuisance", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("routing_rule", sa.String(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=True),
        sa.Column("border_distance_m", sa.Float(), nullable=True),
        sa.Column("handovers", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=True),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("escalated_unit_id", sa.Integer(), nullable=True),
        sa.Column("verification_way", sa.String(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(verification = 'unverified') = (verified_at IS NULL)",
            name=op.f("ck_report_verified_has_time"),
        ),
        sa.CheckConstraint(
            "kind IN ('alerta', 'factor_de_riesgo')", name=op.f("ck_report_kind_known")
        ),
        sa.CheckConstraint(
            "moderation IN ('pending', 'passed', 'held')", name=op.f("ck_report_moderation_known")
        ),
        sa.CheckConstraint(
            "place_source IN ('gps', 'mapa', 'celda', 'referencia')",
            name=op.f("ck_report_place_source_known"),
        ),
        sa.CheckConstraint(
            "point IS NOT NULL OR place_source IN ('celda', 'referencia')",
            name=op.f("ck_report_point_if_located"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'forwarded', 'acknowledged', 'in_progress', 'resolved', 'dismissed', 'rejected', 'merged')",
            name=op.f("ck_report_state_known"),
        ),
        sa.CheckConstraint(
            "verification IN ('unverified', 'verified', 'refuted')",
            name=op.f("ck_report_verification_known"),
        ),
        sa.CheckConstraint(
            "NOT is_sensible OR point IS NULL", name=op.f("ck_report_sensible_without_point")
        ),
        sa.CheckConstraint(
            "length(description) <= 2000", name=op.f("ck_report_description_length")
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_report_priority_range")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["staff.id"], name=op.f("fk_report_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(
            ["escalated_unit_id"], ["police_unit.id"], name=op.f("fk_report_escalated_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_report_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["sector_id"], ["police_unit.id"], name=op.f("fk_report_sector_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["police_unit.id"], name=op.f("fk_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("numero", name=op.f("uq_report_numero")),
    )
    op.create_index(
        "ix_report_acknowledge_by",
        "report",
        ["acknowledge_by"],
        unique=False,
        postgresql_where=sa.text("acknowledge_by IS NOT NULL"),
    )
    op.create_index(
        "ix_report_description_hash",
        "report",
        ["description_hash", "received_at"],
        unique=False,
        postgresql_where=sa.text("description_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_report_desk", "report", ["unit_id", "state", "priority", "received_at"], unique=False
    )
    op.create_index(
        "ix_report_escalated",
        "report",
        ["escalated_unit_id"],
        unique=False,
        postgresql_where=sa.text("escalated_unit_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_held",
        "report",
        ["held_until"],
        unique=False,
        postgresql_where=sa.text("held_until IS NOT NULL"),
    )
    op.create_index("ix_report_point", "report", ["point"], unique=False, postgresql_using="gist")
    op.create_index("ix_report_received", "report", ["received_at"], unique=False)
    op.create_index(
        "ix_report_sector",
        "report",
        ["sector_id"],
        unique=False,
        postgresql_where=sa.text("sector_id IS NOT NULL"),
    )
    op.create_index("ix_report_unit_updated", "report", ["unit_id", "updated_at"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_staff_role_role_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "role_id", name=op.f("pk_staff_role")),
    )
    op.create_table(
        "envio",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("handover", sa.SmallInteger(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("unit_channel_id", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_state", sa.String(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(channel = 'mesa') = (unit_channel_id IS NULL)",
            name=op.f("ck_envio_outside_has_unit_channel"),
        ),
        sa.CheckConstraint(
            "channel IN ('mesa', 'correo', 'webhook')", name=op.f("ck_envio_channel_known")
        ),
        sa.CheckConstraint(
            "purpose IN ('entrega', 'escalamiento')", name=op.f("ck_envio_purpose_known")
        ),
        sa.CheckConstraint(
            "work_state IN ('pending', 'no_answer', 'done', 'failed')",
            name=op.f("ck_envio_work_state_known"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_envio_report_id")),
        sa.ForeignKeyConstraint(
            ["unit_channel_id"], ["unit_channel.id"], name=op.f("fk_envio_unit_channel_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["police_unit.id"], name=op.f("fk_envio_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envio")),
        sa.UniqueConstraint(
            "report_id",
            "handover",
            "unit_id",
            "purpose",
            "unit_channel_id",
            name="uq_envio_destination",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_envio_due",
        "envio",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("work_state IN ('pending', 'no_answer')"),
    )
    op.create_index(
        "ix_envio_failed",
        "envio",
        ["unit_id"],
        unique=False,
        postgresql_where=sa.text("work_state = 'failed'"),
    )
    op.create_table(
        "glimpse",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('vecina', 'transferida')", name=op.f("ck_glimpse_reason_known")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_glimpse_report_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["police_unit.id"], name=op.f("fk_glimpse_unit_id")),
        sa.PrimaryKeyConstraint("report_id", "unit_id", name=op.f("pk_glimpse")),
    )
    op.create_index("ix_glimpse_unit", "glimpse", ["unit_id", "since"], unique=False)
    op.create_table(
        "history_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'forwarded', 'acknowledged', 'in_progress', 'resolved', 'dismissed', 'rejected', 'merged')",
            name=op.f("ck_history_entry_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_history_entry_report_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_history_entry_staff_id")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["police_unit.id"], name=op.f("fk_history_entry_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_entry")),
    )
    op.create_index("ix_history_entry_report", "history_entry", ["report_id", "id"], unique=False)
    op.create_table(
        "idempotency_record",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_idempotency_record_report_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_idempotency_record")),
    )
    op.create_index(
        "ix_idempotency_record_created", "idempotency_record", ["created_at"], unique=False
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(author = 'comisaria') = (staff_id IS NOT NULL)",
            name=op.f("ck_message_unit_has_staff"),
        ),
        sa.CheckConstraint(
            "author IN ('ciudadano', 'comisaria')", name=op.f("ck_message_author_known")
        ),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 1000", name=op.f("ck_message_text_length")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_message_report_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_message_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_report", "message", ["report_id", "id"], unique=False)
    op.create_table(
        "report_task",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("work_state", sa.String(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "step IN ('moderate', 'feed_risk_map')", name=op.f("ck_report_task_step_known")
        ),
        sa.CheckConstraint(
            "work_state IN ('pending', 'no_answer', 'done', 'failed')",
            name=op.f("ck_report_task_work_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_task_report_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "step", name=op.f("pk_report_task")),
    )
    op.create_index(
        "ix_report_task_due",
        "report_task",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("work_state IN ('pending', 'no_answer')"),
    )
    op.create_index(
        "ix_report_task_failed",
        "report_task",
        ["report_id"],
        unique=False,
        postgresql_where=sa.text("work_state = 'failed'"),
    )


def _drop_tables():

    op.drop_index(
        "ix_report_task_failed",
        table_name="report_task",
        postgresql_where=sa.text("work_state = 'failed'"),
    )
    op.drop_index(
        "ix_report_task_due",
        table_name="report_task",
        postgresql_where=sa.text("work_state IN ('pending', 'no_answer')"),
    )
    op.drop_table("report_task")
    op.drop_index("ix_message_report", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_idempotency_record_created", table_name="idempotency_record")
    op.drop_table("idempotency_record")
    op.drop_index("ix_history_entry_report", table_name="history_entry")
    op.drop_table("history_entry")
    op.drop_index("ix_glimpse_unit", table_name="glimpse")
    op.drop_table("glimpse")
    op.drop_index(
        "ix_envio_failed", table_name="envio", postgresql_where=sa.text("work_state = 'failed'")
    )
    op.drop_index(
        "ix_envio_due",
        table_name="envio",
        postgresql_where=sa.text("work_state IN ('pending', 'no_answer')"),
    )
    op.drop_table("envio")
    op.drop_table("staff_role")
    op.drop_index("ix_report_unit_updated", table_name="report")
    op.drop_index(
        "ix_report_sector", table_name="report", postgresql_where=sa.text("sector_id IS NOT NULL")
    )
    op.drop_index("ix_report_received", table_name="report")
    op.drop_index("ix_report_point", table_name="report", postgresql_using="gist")
    op.drop_index(
        "ix_report_held", table_name="report", postgresql_where=sa.text("held_until IS NOT NULL")
    )
    op.drop_index(
        "ix_report_escalated",
        table_name="report",
        postgresql_where=sa.text("escalated_unit_id IS NOT NULL"),
    )
    op.drop_index("ix_report_desk", table_name="report")
    op.drop_index(
        "ix_report_description_hash",
        table_name="report",
        postgresql_where=sa.text("description_hash IS NOT NULL"),
    )
    op.drop_index(
        "ix_report_acknowledge_by",
        table_name="report",
        postgresql_where=sa.text("acknowledge_by IS NOT NULL"),
    )
    op.drop_table("report")
    op.drop_index("ix_audit_entry_staff", table_name="audit_entry")
    op.drop_index("ix_audit_entry_report", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("unit_channel")
    op.drop_index("ix_staff_unit", table_name="staff")
    op.drop_table("staff")
    op.drop_index(
        "uq_jurisdiction_current_unit",
        table_name="jurisdiction",
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.drop_index("ix_jurisdiction_unit", table_name="jurisdiction")
    op.drop_index(
        "ix_jurisdiction_geom_current",
        table_name="jurisdiction",
        postgresql_using="gist",
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.drop_table("jurisdiction")
    op.drop_table("desk_heartbeat")
    op.drop_table("switch")
    op.drop_table("role")
    op.drop_index("ix_police_unit_point", table_name="police_unit", postgresql_using="gist")
    op.drop_index("ix_police_unit_parent", table_name="police_unit")
    op.drop_table("police_unit")
    op.drop_index("ix_district_province", table_name="district")
    op.drop_index("ix_district_geom", table_name="district", postgresql_using="gist")
    op.drop_table("district")
