"""The vault's part of the roster: who members are, and every reading of their names.

Revision ID: 2026_11_21_09
Revises: 2026_11_21_08
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_09"
down_revision = "2026_11_21_08"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    _create_tables()
    _create_writing_functions()
    _create_reading_functions()
    _guard()


def downgrade():
    """Who the members are is lost: whoever goes back restores a backup as well."""
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION vault.{function}")
    op.drop_table("reading", schema="vault")
    op.drop_table("member", schema="vault")


WRITING = (
    "known_documents(integer, bytea[])",
    "replace_member(uuid, integer, bytea, smallint, bytea, smallint)",
    "forget_loose_members(uuid)",
)
READING = (
    "record_reading(integer, integer, uuid, uuid, uuid[], text)",
    "read_members(bigint)",
)
FUNCTIONS = (*WRITING, *READING)


def _create_tables():
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("document_index", sa.LargeBinary(), nullable=False),
        sa.Column("document_index_version", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        schema="vault",
    )
    op.create_index(
        "ix_member_document_index", "member", ["document_index"], unique=False, schema="vault"
    )
    op.create_index(
        "ix_member_import",
        "member",
        ["import_id"],
        unique=False,
        schema="vault",
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("junta_id", sa.Uuid(), nullable=True),
        sa.Column("export_id", sa.Uuid(), nullable=True),
        sa.Column("member_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_reading_reason_given")),
        sa.CheckConstraint("cardinality(member_ids) > 0", name=op.f("ck_reading_members_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        schema="vault",
    )
    op.create_index("ix_reading_staff", "reading", ["staff_id", "at"], unique=False, schema="vault")
    op.create_index("ix_reading_unit", "reading", ["unit_id", "id"], unique=False, schema="vault")


def _create_writing_functions():
    """What the application does with members beyond adding them; nothing gives out who they are.

    `known_documents` answers with ids and keyed hashes that the caller has to bring along.
    """
    op.execute(
        """
        CREATE FUNCTION vault.known_documents(unit integer, indexes bytea[])
        RETURNS TABLE (document_index bytea, member_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT m.document_index, m.id FROM vault.member m
            WHERE m.document_index = ANY (indexes) AND m.unit_id = unit
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION vault.replace_member(
            member uuid, unit integer, fresh bytea, version smallint,
            fresh_index bytea, index_version smallint
        ) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
        BEGIN
            UPDATE vault.member m SET sealed = fresh, key_version = version,
                document_index = fresh_index, document_index_version = index_version
            WHERE m.id = member AND m.unit_id = unit;
            RETURN FOUND;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION vault.forget_loose_members(import uuid) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
        DECLARE gone integer;
        BEGIN
            DELETE FROM vault.member m WHERE m.import_id = import
            AND NOT EXISTS (SELECT FROM public.junta_member j WHERE j.id = m.id)
            AND NOT EXISTS (SELECT FROM public.padron_row r WHERE r.member_id = m.id
                            AND r.import_id = import);
            GET DIAGNOSTICS gone = ROW_COUNT;
            RETURN gone;
        END $$
        """
    )


def _create_reading_functions():
    """Names are read in two calls, as identities are opened (revision 2026_11_21_05).

    The first refuses whoever has no seat in the unit, members of another unit, and many members
    at once without an export that a second person approved.
    """
    op.execute(
        """
        CREATE FUNCTION vault.record_reading(
            staff integer, unit integer, junta uuid, export uuid, members uuid[], why text
        ) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
        DECLARE written bigint;
        BEGIN
            IF NOT EXISTS (SELECT FROM public.padron_seat s JOIN public.staff a ON a.id = s.staff_id
                           WHERE s.staff_id = staff AND s.unit_id = unit AND a.active) THEN
                RETURN NULL;
            END IF;
            IF EXISTS (SELECT FROM unnest(members) AS wanted (id) WHERE NOT EXISTS (
                           SELECT FROM vault.member m WHERE m.id = wanted.id AND m.unit_id = unit))
            THEN
                RETURN NULL;
            END IF;
            IF pg_catalog.cardinality(members) > 50 AND NOT EXISTS (
                SELECT FROM public.padron_export e WHERE e.id = export AND e.unit_id = unit
                AND e.asked_by = staff AND e.decided_by <> staff AND e.state = 'aprobada'
                AND e.rows >= pg_catalog.cardinality(members)) THEN
                RETURN NULL;
            END IF;
            INSERT INTO vault.reading AS r
                (staff_id, unit_id, junta_id, export_id, member_ids, reason, written_by)
            VALUES (staff, unit, junta, export, members, why,
                    pg_catalog.pg_current_xact_id()::text::bigint)
            RETURNING r.id INTO written;
            RETURN written;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION vault.read_members(reading bigint)
        RETURNS TABLE (member_id uuid, sealed bytea, key_version smallint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT m.id, m.sealed, m.key_version
            FROM vault.reading r JOIN vault.member m ON m.id = ANY (r.member_ids)
            WHERE r.id = reading
            AND r.written_by IS DISTINCT FROM
                pg_catalog.pg_current_xact_id_if_assigned()::text::bigint
            AND r.at > pg_catalog.clock_timestamp() - interval '1 minute'
        $$
        """
    )


def _guard():
    """Rights of both roles, and for whoever owns the tables the trigger of the first schema."""
    op.execute(
        "CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE ON vault.reading "
        "FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
    )
    for function in FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION vault.{function} FROM PUBLIC")
    writing = ", ".join(f"vault.{function}" for function in WRITING)
    reading = ", ".join(f"vault.{function}" for function in READING)
    op.execute(
        f"""
        DO $$ DECLARE
            app text := current_setting('ya.app_role');
            opener text := current_setting('ya.vault_role');
        BEGIN
            IF app <> current_user THEN
                EXECUTE format('GRANT INSERT ON vault.member TO %I', app);
                EXECUTE format('GRANT SELECT ON vault.reading TO %I', app);
                EXECUTE format('GRANT EXECUTE ON FUNCTION {writing} TO %I', app);
            END IF;
            EXECUTE format('GRANT EXECUTE ON FUNCTION {reading} TO %I', opener);
        END $$
        """
    )
