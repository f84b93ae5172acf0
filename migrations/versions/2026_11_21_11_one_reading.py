"""What a second person approved is read once, and of the junta that they were told.

Revision ID: 2026_11_21_11
Revises: 2026_11_21_10
"""

from alembic import op

revision = "2026_11_21_11"
down_revision = "2026_11_21_10"
branch_labels = None
depends_on = None

EARLIER = """
            IF pg_catalog.cardinality(members) > 50 AND NOT EXISTS (
                SELECT FROM public.padron_export e WHERE e.id = export AND e.unit_id = unit
                AND e.asked_by = staff AND e.decided_by <> staff AND e.state = 'aprobada'
                AND e.rows >= pg_catalog.cardinality(members)) THEN
                RETURN NULL;
            END IF;
"""
# The export is locked: of two readings at once, the second finds the first.
NOW = """
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
"""


def upgrade():
    _create(NOW)


def downgrade():
    _create(EARLIER)


def _create(many):
    """Everything but what many rows ask for is as revision 2026_11_21_09 made it."""
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION vault.record_reading(
            staff integer, unit integer, junta uuid, export uuid, members uuid[], why text
        ) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
            {many}
            INSERT INTO vault.reading AS r
                (staff_id, unit_id, junta_id, export_id, member_ids, reason, written_by)
            VALUES (staff, unit, junta, export, members, why,
                    pg_catalog.pg_current_xact_id()::text::bigint)
            RETURNING r.id INTO written;
            RETURN written;
        END $$
        """  # noqa: S608  # constants above
    )
