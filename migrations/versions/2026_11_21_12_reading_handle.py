"""A reading is answered to whoever holds its handle; its number, which others can guess, is none.

Numbers follow each other: within the minute, whoever had the vault's role could have asked for
what another account had just written down.

Revision ID: 2026_11_21_12
Revises: 2026_11_21_11
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_12"
down_revision = "2026_11_21_11"
branch_labels = None
depends_on = None

RECORD = "record_reading(integer, integer, uuid, uuid, uuid[], text)"


def upgrade():
    op.add_column(
        "reading",
        sa.Column("handle", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        schema="vault",
    )
    op.create_unique_constraint(op.f("uq_reading_handle"), "reading", ["handle"], schema="vault")
    _replace("bigint", "handle", "uuid")


def downgrade():
    _replace("uuid", "id", "bigint")
    op.drop_constraint(op.f("uq_reading_handle"), "reading", schema="vault")
    op.drop_column("reading", "handle", schema="vault")


def _replace(before, column, kind):
    """Both steps of a reading by another column; all else is as revisions 09 to 11 made it."""
    op.execute(f"DROP FUNCTION vault.{RECORD}")
    op.execute(f"DROP FUNCTION vault.read_members({before})")
    _create_record(column, kind)
    _create_read(column, kind)
    for function in (RECORD, f"read_members({kind})"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION vault.{function} FROM PUBLIC")
        op.execute(
            f"""
            DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION vault.{function} TO %I',
                                       current_setting('ya.vault_role')); END $$
            """
        )


def _create_record(column, kind):
    op.execute(
        f"""
        CREATE FUNCTION vault.record_reading(
            staff integer, unit integer, junta uuid, export uuid, members uuid[], why text
        ) RETURNS {kind}
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE written {kind};
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
            IF pg_catalog.cardinality(members) > 50 THEN
                PERFORM FROM public.padron_export e WHERE e.id = export AND e.unit_id = unit
                    AND e.asked_by = staff AND e.decided_by <> staff AND e.state = 'aprobada'
                    AND e.rows >= pg_catalog.cardinality(members)
                    AND (e.junta_id IS NULL OR NOT EXISTS (
                        SELECT FROM unnest(members) AS wanted (id) WHERE NOT EXISTS (
                            SELECT FROM public.junta_member j
                            WHERE j.id = wanted.id AND j.junta_id = e.junta_id)))
                    FOR UPDATE;
                IF NOT FOUND OR EXISTS (SELECT FROM vault.reading r
                                        WHERE r.unit_id = unit AND r.export_id = export) THEN
                    RETURN NULL;
                END IF;
            END IF;
            INSERT INTO vault.reading AS r
                (staff_id, unit_id, junta_id, export_id, member_ids, reason, written_by)
            VALUES (staff, unit, junta, export, members, why,
                    pg_catalog.pg_current_xact_id()::text::bigint)
            RETURNING r.{column} INTO written;
            RETURN written;
        END $$
        """  # noqa: S608  # constants above
    )


def _create_read(column, kind):
    op.execute(
        f"""
        CREATE FUNCTION vault.read_members(reading {kind})
        RETURNS TABLE (member_id uuid, sealed bytea, key_version smallint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT m.id, m.sealed, m.key_version
            FROM vault.reading r JOIN vault.member m ON m.id = ANY (r.member_ids)
            WHERE r.{column} = reading
            AND r.written_by IS DISTINCT FROM
                pg_catalog.pg_current_xact_id_if_assigned()::text::bigint
            AND r.at > pg_catalog.clock_timestamp() - interval '1 minute'
        $$
        """  # noqa: S608  # constants above
    )
