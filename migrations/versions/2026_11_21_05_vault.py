"""The vault: sealed identities in a schema that the application can only add to.

Revision ID: 2026_11_21_05
Revises: 2026_11_21_04
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_05"
down_revision = "2026_11_21_04"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.execute("CREATE SCHEMA vault")
    _create_tables()
    _create_functions()
    _guard()


def downgrade():
    """Identities are lost with the schema: whoever goes back restores a backup as well."""
    op.execute("DROP FUNCTION vault.open_person(bigint)")
    op.execute("DROP FUNCTION vault.record_opening(uuid, uuid, integer, integer, text, text)")
    op.execute("DROP FUNCTION vault.count_same_document(bytea[], timestamptz)")
    op.drop_table("opening", schema="vault")
    op.drop_table("person", schema="vault")
    op.execute("DROP SCHEMA vault")


def _create_tables():
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("document_index", sa.LargeBinary(), nullable=True),
        sa.Column("document_index_version", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(document_index IS NULL) = (document_index_version IS NULL)",
            name=op.f("ck_person_document_index_has_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        schema="vault",
    )
    op.create_index(
        "ix_person_document_index",
        "person",
        ["document_index"],
        unique=False,
        schema="vault",
        postgresql_where=sa.text("document_index IS NOT NULL"),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_opening_reason_given")),
        sa.CheckConstraint("btrim(words) <> ''", name=op.f("ck_opening_words_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        schema="vault",
    )
    op.create_index(
        "ix_opening_report", "opening", ["report_id", "id"], unique=False, schema="vault"
    )
    op.create_index("ix_opening_staff", "opening", ["staff_id", "at"], unique=False, schema="vault")


def _create_functions():
    """What the roles may do beyond their tables; each runs with the rights of the owner.

    Opening takes two calls, because a caller who could read in the transaction that writes the
    trace down could roll both back: `open_person` gives out only what was written by another
    transaction, which is thus committed, and only for a minute.
    """
    op.execute(
        """
        CREATE FUNCTION vault.record_opening(
            person_id uuid, report_id uuid, staff_id integer, unit_id integer,
            reason text, words text
        ) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
        DECLARE written bigint;
        BEGIN
            IF NOT EXISTS (SELECT FROM vault.person p WHERE p.id = record_opening.person_id
                           AND p.report_id = record_opening.report_id) THEN
                RETURN NULL;
            END IF;
            INSERT INTO vault.opening AS o
                (person_id, report_id, staff_id, unit_id, reason, words, written_by)
            VALUES (record_opening.person_id, record_opening.report_id, record_opening.staff_id,
                    record_opening.unit_id, record_opening.reason, record_opening.words,
                    pg_catalog.pg_current_xact_id()::text::bigint)
            RETURNING o.id INTO written;
            RETURN written;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION vault.open_person(opening_id bigint)
        RETURNS TABLE (sealed bytea, key_version smallint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT p.sealed, p.key_version
            FROM vault.opening o JOIN vault.person p ON p.id = o.person_id
            WHERE o.id = opening_id
            AND o.written_by IS DISTINCT FROM
                pg_catalog.pg_current_xact_id_if_assigned()::text::bigint
            AND o.at > pg_catalog.clock_timestamp() - interval '1 minute'
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION vault.count_same_document(indexes bytea[], since timestamptz)
        RETURNS integer
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT pg_catalog.count(DISTINCT p.report_id)::integer FROM vault.person p
            WHERE p.document_index = ANY (indexes) AND p.created_at >= since
        $$
        """
    )


def _guard():
    """Rights of both roles, and for whoever owns the tables the trigger of the first schema."""
    op.execute(
        "CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE ON vault.opening "
        "FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
    )
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC")
    op.execute(
        """
        DO $$ DECLARE
            app text := current_setting('ya.app_role');
            opener text := current_setting('ya.vault_role');
        BEGIN
            IF app <> current_user THEN
                EXECUTE format('GRANT USAGE ON SCHEMA vault TO %I', app);
                EXECUTE format('GRANT INSERT ON vault.person TO %I', app);
                EXECUTE format('GRANT SELECT ON vault.opening TO %I', app);
                EXECUTE format('GRANT EXECUTE ON FUNCTION
                    vault.count_same_document(bytea[], timestamptz) TO %I', app);
            END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA vault TO %I', opener);
            EXECUTE format('GRANT EXECUTE ON FUNCTION vault.open_person(bigint),
                vault.record_opening(uuid, uuid, integer, integer, text, text) TO %I', opener);
        END $$
        """
    )
