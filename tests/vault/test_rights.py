"""What each database role can do with the vault, asked of the database itself."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from backend import clock
from backend.db import transaction
from backend.settings import Settings
from backend.vault.models import NewPerson
from backend.vault.services import keep

RECORD = "SELECT vault.record_opening(:person, :report, 1, 2, :reason, :words)"
OPEN = "SELECT sealed FROM vault.open_person(:opening)"


@pytest.fixture
def opener(settings: Settings):
    """The vault's own role, as whoever stole its address would use it."""
    engine = create_engine(settings.vault_url)
    yield engine
    engine.dispose()


@pytest.fixture
def somebody(parts) -> dict[str, UUID]:
    person, report = uuid4(), uuid4()
    with transaction():
        keep(report, [NewPerson(person, {"nombres": "Ana"})], parts.settings.keys, clock.now())
    return {"person": person, "report": report}


REFUSED_TO_APPLICATION = [
    "SELECT id FROM vault.person",
    "SELECT count(*) FROM vault.person",
    "INSERT INTO vault.person SELECT * FROM vault.person",
    "INSERT INTO vault.person (id, report_id, sealed, key_version, created_at) "
    "VALUES (gen_random_uuid(), gen_random_uuid(), '', 1, now()) RETURNING id",
    "UPDATE vault.person SET sealed = ''",
    "DELETE FROM vault.person",
    "TRUNCATE vault.person",
    "INSERT INTO vault.opening (person_id, report_id, staff_id, reason, words, written_by) "
    "VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'x', 'x', 1)",
    "UPDATE vault.opening SET words = 'x'",
    "DELETE FROM vault.opening",
    "TRUNCATE vault.opening",
    "SELECT vault.record_opening(gen_random_uuid(), gen_random_uuid(), 1, 1, 'x', 'x')",
    "SELECT vault.open_person(1)",
    "CREATE TABLE vault.copy (id int)",
    "CREATE TRIGGER mine BEFORE INSERT ON vault.person FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
]
REFUSED_TO_OPENER = [
    "SELECT id FROM vault.person",
    "SELECT id FROM vault.opening",
    "SELECT vault.count_same_document('{}', now())",
    "INSERT INTO vault.opening (person_id, report_id, staff_id, reason, words, written_by) "
    "VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'x', 'x', 1)",
    "UPDATE vault.opening SET words = 'x'",
    "DELETE FROM vault.opening",
    "UPDATE vault.person SET report_id = gen_random_uuid()",
    "SELECT id FROM report",
    "SELECT id FROM case_person",
    "SELECT id FROM staff",
    "CREATE TABLE vault.copy (id int)",
    "CREATE TABLE copy (id int)",
]


@pytest.mark.parametrize("statement", REFUSED_TO_APPLICATION)
def test_the_application_adds_to_the_vault_and_can_read_nothing_of_it(db, statement):
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), transaction():
        db.session.execute(text(statement))


@pytest.mark.parametrize("statement", REFUSED_TO_OPENER)
def test_the_opener_can_do_nothing_but_open(db, opener: Engine, statement):
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        opener.begin() as connection,
    ):
        connection.execute(text(statement))


def test_the_rights_are_exactly_these(db, owner_engine: Engine):
    """Whatever a later migration grants besides shows here."""
    rights = """
        SELECT c.relname, grantee::regrole::text, privilege_type
            FROM pg_class c, aclexplode(c.relacl)
            WHERE c.relnamespace = 'vault'::regnamespace AND grantee <> c.relowner
        UNION ALL
        SELECT p.proname, CASE grantee WHEN 0 THEN 'public' ELSE grantee::regrole::text END,
               privilege_type
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
            WHERE p.pronamespace = 'vault'::regnamespace AND grantee <> p.proowner
        UNION ALL
        SELECT nspname, grantee::regrole::text, privilege_type
            FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'vault' AND grantee <> nspowner
    """
    with owner_engine.connect() as connection:
        found = sorted(map(tuple, connection.execute(text(rights))))
        columns = connection.execute(
            text(
                "SELECT count(*) FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN "
                "('vault.person'::regclass, 'vault.opening'::regclass, "
                "'vault.member'::regclass, 'vault.reading'::regclass)"
            )
        ).scalar_one()
    assert columns == 0
    assert found == [
        ("count_same_document", "ya_app", "EXECUTE"),
        ("forget_loose_members", "ya_app", "EXECUTE"),
        ("known_documents", "ya_app", "EXECUTE"),
        ("member", "ya_app", "INSERT"),
        ("open_person", "ya_vault", "EXECUTE"),
        ("opening", "ya_app", "SELECT"),
        ("person", "ya_app", "INSERT"),
        ("read_members", "ya_vault", "EXECUTE"),
        ("reading", "ya_app", "SELECT"),
        ("record_opening", "ya_vault", "EXECUTE"),
        ("record_reading", "ya_vault", "EXECUTE"),
        ("replace_member", "ya_app", "EXECUTE"),
        ("vault", "ya_app", "USAGE"),
        ("vault", "ya_vault", "USAGE"),
    ]


def test_whatever_runs_with_the_owners_rights_looks_in_no_other_schema(db, owner_engine: Engine):
    query = text(
        "SELECT proname, prosecdef, proconfig FROM pg_proc "
        "WHERE pronamespace = 'vault'::regnamespace"
    )
    with owner_engine.connect() as connection:
        for name, with_owners_rights, settings in connection.execute(query):
            assert with_owners_rights, name
            assert settings == ["search_path=pg_catalog, pg_temp"], name


def test_an_opening_is_read_only_once_it_is_committed(db, opener: Engine, somebody):
    """Otherwise whoever reads could roll the trace back."""
    values = {**somebody, "reason": "diligencia", "words": "Citación"}
    with opener.connect() as connection:
        opening = connection.execute(text(RECORD), values).scalar_one()
        assert connection.execute(text(OPEN), {"opening": opening}).all() == []
        connection.rollback()
        assert connection.execute(text(OPEN), {"opening": opening}).all() == []
        opening = connection.execute(text(RECORD), values).scalar_one()
        connection.commit()
        assert len(connection.execute(text(OPEN), {"opening": opening}).all()) == 1


def test_an_opening_written_inside_a_savepoint_is_no_way_around(db, opener: Engine, somebody):
    values = {**somebody, "reason": "diligencia", "words": "Citación"}
    with opener.connect() as connection, connection.begin():
        with connection.begin_nested():
            opening = connection.execute(text(RECORD), values).scalar_one()
        assert connection.execute(text(OPEN), {"opening": opening}).all() == []


def test_an_opening_is_read_within_a_minute_or_never(
    db, opener: Engine, owner_engine: Engine, somebody
):
    with owner_engine.begin() as connection:
        old = connection.execute(
            text(
                "INSERT INTO vault.opening (person_id, report_id, staff_id, reason, words, at, "
                "written_by) VALUES (:person, :report, 1, 'x', 'x', now() - interval '61 s', 1) "
                "RETURNING id"
            ),
            somebody,
        ).scalar_one()
    with opener.connect() as connection:
        assert connection.execute(text(OPEN), {"opening": old}).all() == []


@pytest.mark.parametrize(("reason", "words"), [("", "x"), ("x", "  "), (None, "x"), ("x", None)])
def test_no_reason_no_opening(db, opener: Engine, somebody, reason, words):
    with pytest.raises(DBAPIError, match="violates"), opener.begin() as connection:
        connection.execute(text(RECORD), {**somebody, "reason": reason, "words": words})


def test_a_person_of_another_case_is_nobody(db, opener: Engine, somebody):
    values = {**somebody, "report": uuid4(), "reason": "x", "words": "x"}
    with opener.connect() as connection:
        assert connection.execute(text(RECORD), values).scalar() is None


def test_a_false_table_on_the_search_path_changes_nothing(db, opener: Engine, somebody):
    """The functions run with the owner's rights, so they look nowhere but where they should."""
    with opener.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE opening (id bigint, at timestamptz)"))
        connection.execute(text("SET search_path = pg_temp, vault, public"))
        values = {**somebody, "reason": "diligencia", "words": "Citación"}
        opening = connection.execute(text(RECORD), values).scalar_one()
        connection.commit()
        assert len(connection.execute(text(OPEN), {"opening": opening}).all()) == 1


def test_even_the_owner_cannot_edit_the_trace(db, owner_engine: Engine, opener: Engine, somebody):
    with opener.begin() as connection:
        connection.execute(text(RECORD), {**somebody, "reason": "x", "words": "x"})
    for statement in ("UPDATE vault.opening SET words = 'y'", "DELETE FROM vault.opening"):
        with pytest.raises(DBAPIError, match="append-only"), owner_engine.begin() as connection:
            connection.execute(text(statement))
