"""Refuse to give a queja to a unit that must never learn of it, whoever writes.

Revision ID: 2026_11_21_07
Revises: 2026_11_21_06
"""

from alembic import op

revision = "2026_11_21_07"
down_revision = "2026_11_21_06"
branch_labels = None
depends_on = None

# Checked when the transaction ends: a report is written before its bars, and both before its
# deliveries.
TRIGGERS = {
    "report": "AFTER INSERT OR UPDATE OF unit_id, escalated_unit_id, sector_id",
    "envio": "AFTER INSERT OR UPDATE OF unit_id",
    "glimpse": "AFTER INSERT OR UPDATE OF unit_id",
    "complaint_bar": "AFTER INSERT",
}
# Only quejas have bars, so no other report pays for the look.
ONLY_WHEN = {"report": "WHEN (NEW.kind = 'queja') "}


def upgrade():
    op.execute(
        """
        CREATE FUNCTION is_barred(asked_report uuid, asked_unit integer) RETURNS boolean
        LANGUAGE sql STABLE AS $$
            WITH RECURSIVE line (id, parent_id) AS (
                SELECT id, parent_id FROM police_unit WHERE id = asked_unit
                UNION
                SELECT u.id, u.parent_id FROM police_unit u JOIN line ON u.id = line.parent_id
            )
            SELECT EXISTS (
                SELECT FROM complaint_bar b WHERE b.report_id = asked_report
                AND (b.unit_id = asked_unit
                     OR b.is_accused AND b.unit_id IN (SELECT id FROM line)))
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION refuse_barred() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            about uuid;
            told integer[];
        BEGIN
            IF TG_TABLE_NAME = 'report' THEN
                about := NEW.id;
                told := ARRAY[NEW.unit_id, NEW.escalated_unit_id, NEW.sector_id];
            ELSIF TG_TABLE_NAME = 'complaint_bar' THEN
                about := NEW.report_id;
                SELECT array_agg(unit_id) INTO told FROM (
                    SELECT unit_id FROM report WHERE id = about
                    UNION SELECT escalated_unit_id FROM report WHERE id = about
                    UNION SELECT unit_id FROM envio WHERE report_id = about
                    UNION SELECT unit_id FROM glimpse WHERE report_id = about) AS everybody;
            ELSE
                about := NEW.report_id;
                told := ARRAY[NEW.unit_id];
            END IF;
            IF NOT EXISTS (SELECT FROM complaint_bar WHERE report_id = about) THEN
                RETURN NULL;
            END IF;
            IF EXISTS (SELECT FROM unnest(told) AS one (id) WHERE is_barred(about, one.id)) THEN
                -- Names nobody: what a log says of it must not, either.
                RAISE EXCEPTION 'a unit that must not know of report %', about
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'barred_unit_not_told';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table, when in TRIGGERS.items():
        op.execute(
            f"CREATE CONSTRAINT TRIGGER refuse_barred {when} ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"{ONLY_WHEN.get(table, '')}EXECUTE FUNCTION refuse_barred()"
        )


def downgrade():
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER refuse_barred ON {table}")
    op.execute("DROP FUNCTION refuse_barred()")
    op.execute("DROP FUNCTION is_barred(uuid, integer)")
