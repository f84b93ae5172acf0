"""Rosters of a whole country made of nothing: units, accounts, juntas, members, and their year.

`python -m bench.padron` fills a throwaway database of 1,500 comisarías with it, tests one of some
two hundred. Nobody here exists: persons are "Persona 12 Inventada" and have impossible phones.
Sets of rows are made by the database, and the same size gives the same rows.
"""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from backend.crypto import KeyRing
from backend.db import transaction
from backend.vault.members import seal_members
from backend.vault.models import NewMember
from bench.generated_informes import fill_year
from bench.generated_work import WORK

JUNTAS_PER_UNIT = 7
MEMBERS_PER_JUNTA = 12
UNITS_PER_REGION = 60
MOST_TOLD = 8  # by a junta in a quarter: four on average
FILLED = (
    *("audit_entry", "padron_import", "padron_problem", "padron_export", "risk_hexagon"),
    *("district", "police_unit", "jurisdiction", "staff", "staff_role", "padron_seat"),
    *("junta_vecinal", "junta_term", "junta_member", "junta_training", "junta_event"),
    *("coordinator", "report", "history_entry", "message", "informe", "risk_fact"),
    "vault.member",
)

Values = dict[str, Any]


def generate(
    owner: Engine,
    units: int,
    today: date,
    *,
    most_told: int = MOST_TOLD,
    units_per_region: int = UNITS_PER_REGION,
) -> None:
    """Fill an empty, migrated database, but for who the members are; `analyse` it after that.

    A region has a multiple of five comisarías, and is a department.
    """
    values = {"units": units, "region": units_per_region, "today": today}
    values |= {"juntas": JUNTAS_PER_UNIT, "members": MEMBERS_PER_JUNTA}
    with owner.begin() as connection:
        for statement in (*_TERRITORY, *_ACCOUNTS, *_JUNTAS, *_LIVES, *WORK):
            connection.execute(text(statement), _needed(statement, values))
        fill_year(connection, today, most_told)


def analyse(owner: Engine) -> None:
    """What autovacuum would do a minute later, of the tables that were filled."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM (ANALYZE) {', '.join(FILLED)}"))


def seal_names(owner: Engine, ring: KeyRing, now: datetime, only: str = "%") -> None:
    """Put members into the vault as the application does; an application context is open.

    `only` is a pattern of the codes of their units.
    """
    with owner.connect() as connection:
        units = connection.execute(text(_MEMBERS_BY_UNIT), {"only": only}).all()
    with transaction():
        for unit_id, ids, numbers in units:
            seal_members(unit_id, [*map(_a_person, ids, numbers)], ring, now)


def stand_in_names(owner: Engine) -> None:
    """Rows of the vault, as long as real ones, that nobody could open, for whoever has none yet."""
    with owner.begin() as connection:
        connection.execute(text(_UNREADABLE))


def _a_person(member_id: UUID, number: int) -> NewMember:
    return NewMember(
        member_id,
        {
            "nombres": f"Persona {number}",
            "apellido_paterno": "Inventada",
            "apellido_materno": "",
            "celular": "",
            "tipo_documento": "dni",
            "numero_documento": f"{number:08d}",
        },
    )


def _needed(statement: str, values: Values) -> Values:
    return {name: value for name, value in values.items() if re.search(rf":{name}\b", statement)}


# Each comisaría n stands on a square of its own, 0.1° wide, in a grid of forty columns, and has a
# district to itself; five are a province, a department is a police region.
_PLACES = """
    SELECT n, -77 + 0.1 * (n % 40) AS lon, -13 + 0.1 * (n / 40) AS lat,
        lpad((1 + n / :region)::text, 2, '0') || lpad((1 + n / 5 % (:region / 5))::text, 2, '0')
            || lpad((1 + n % 5)::text, 2, '0') AS ubigeo
    FROM generate_series(0, :units - 1) n
"""
_SQUARE = "ST_Multi(ST_MakeEnvelope(lon, lat, lon + 0.1, lat + 0.1, 4326))"
_TERRITORY = (
    f"""
    INSERT INTO district (ubigeo, name, province, department, geom, source)
    SELECT ubigeo, 'Distrito ' || n, 'Provincia ' || n / 5, 'Departamento ' || n / :region,
        {_SQUARE}, 'generado'
    FROM ({_PLACES}) place
    """,
    """
    INSERT INTO police_unit (code, kind, name, valid_from, source)
    SELECT 'GEN-R' || r, 'region', 'Región ' || r, '2020-01-01', 'generado'
    FROM generate_series(0, (:units - 1) / :region) r
    """,
    """
    INSERT INTO police_unit (code, parent_id, kind, name, valid_from, source)
    SELECT 'GEN-D' || d, u.id, 'divpol', 'División ' || d, '2020-01-01', 'generado'
    FROM generate_series(0, (:units - 1) / 5) d
    JOIN police_unit u ON u.code = 'GEN-R' || d * 5 / :region
    """,
    f"""
    INSERT INTO police_unit (code, parent_id, kind, name, ubigeo, point, phone, valid_from, source)
    SELECT 'GEN-' || n, u.id, 'comisaria', 'Comisaría ' || n, place.ubigeo,
        ST_SetSRID(ST_MakePoint(lon + 0.05, lat + 0.05), 4326), '(01) 000-0000', '2020-01-01',
        'generado'
    FROM ({_PLACES}) place JOIN police_unit u ON u.code = 'GEN-D' || n / 5
    """,
    f"""
    INSERT INTO jurisdiction (unit_id, geom, is_provisional, source, valid_from)
    SELECT u.id, {_SQUARE}, true, 'generado', '2020-01-01'
    FROM ({_PLACES}) place JOIN police_unit u ON u.code = 'GEN-' || n
    """,
)

# Per comisaría its comisario and the one who keeps the roster; per region a supervisor and a
# loader. `fs_uniquifier` has 64 letters.
_ACCOUNTS = (
    """
    INSERT INTO staff (username, display_name, unit_id, password, must_change_password,
        fs_uniquifier, tf_primary_method)
    SELECT word || substr(u.code, 4), initcap(word) || substr(u.code, 4), u.id, '-', false,
        md5(word || u.code) || md5(u.code || word), 'authenticator'
    FROM police_unit u CROSS JOIN (VALUES ('opc', 'comisaria'), ('comisario', 'comisaria'),
        ('supervisor', 'region'), ('cargador', 'region')) AS job (word, kind)
    WHERE u.kind = job.kind AND u.source = 'generado' ORDER BY u.id, word
    """,
    """
    INSERT INTO staff_role (staff_id, role_id)
    SELECT s.id, r.id FROM staff s JOIN (VALUES ('opc', 'participacion_ciudadana'),
        ('comisario', 'comisario'), ('supervisor', 'supervisor'), ('cargador', 'cargador_padron'))
        AS job (word, role) ON s.username LIKE word || '-%' JOIN role r ON r.name = job.role
    """,
    """
    INSERT INTO padron_seat (unit_id, seat, staff_id)
    SELECT unit_id, 1, id FROM staff WHERE username LIKE 'opc-%'
    """,
)

# Of twenty juntas two have lapsed, three lapse within sixty days (one of them within fifteen), one
# was dissolved, one is new, one has no area; six were renewed. `junta` and `member_of` serve the
# statements that follow and end with the transaction.
_JUNTAS = (
    """
    CREATE TEMPORARY TABLE junta ON COMMIT DROP AS
    SELECT *, CAST(ends - interval '2 years' + interval '1 day' AS date) AS begins
    FROM (
        SELECT md5('junta ' || u.n || '-' || k)::uuid AS id, u.*, k, shade,
            :today + CASE
                WHEN shade < 2 THEN -1 - (u.n * 11 + k * 5) % 200
                WHEN shade = 2 THEN (u.n + k) % 16
                WHEN shade < 5 THEN 16 + (u.n * 3 + k) % 45
                WHEN shade = 19 THEN 690 + (u.n + k) % 40
                ELSE 61 + (u.n * 31 + k * 17) % 600 END AS ends
        FROM (
            SELECT id AS unit_id, substr(code, 5)::int AS n, ubigeo,
                ST_X(point) AS lon, ST_Y(point) AS lat
            FROM police_unit WHERE source = 'generado' AND kind = 'comisaria'
        ) u CROSS JOIN generate_series(0, :juntas - 1) k
        CROSS JOIN LATERAL (SELECT (u.n * 7 + k * 3) % 20 AS shade) shades
    ) made
    """,
    """
    INSERT INTO junta_vecinal (id, unit_id, code, name, scope, ubigeo, geom, area_source,
        valid_until, ended_on, end_reason, created_at, created_by)
    SELECT j.id, j.unit_id, 'JV-' || lpad((k + 1)::text, 3, '0'),
        'Junta Vecinal Inventada ' || n || '-' || k,
        (ARRAY['cuadra', 'manzana', 'sector', 'barrio', 'edificio', 'asentamiento'])[1 + k % 6],
        CASE WHEN shade <> 13 THEN ubigeo END,
        CASE WHEN shade <> 13 THEN ST_Multi(ST_MakeEnvelope(lon + 0.012 * (k - 3) - 0.002,
            lat - 0.002, lon + 0.012 * (k - 3) + 0.002, lat + 0.002, 4326)) END,
        CASE WHEN shade <> 13 THEN 'dibujada' END,
        ends, CASE WHEN shade = 5 THEN :today - 10 - n % 300 END,
        CASE WHEN shade = 5 THEN 'sin_actividad' END, begins + time '15:00', s.id
    FROM junta j JOIN staff s ON s.username = 'opc-' || n
    ORDER BY j.unit_id, k
    """,
    """
    INSERT INTO junta_term (junta_id, act, recognised_on, valid_from, valid_until, recorded_at)
    SELECT id, 'Resolución ' || n || '-' || k || '/' || turn, first_day, first_day, last_day,
        first_day + time '15:00'
    FROM junta CROSS JOIN LATERAL (VALUES (2, begins, ends), (1,
        CAST(begins - interval '2 years' AS date), begins - 1)) AS term (turn, first_day, last_day)
    WHERE turn = 2 OR shade BETWEEN 7 AND 12 ORDER BY unit_id, k, turn
    """,
    """
    CREATE TEMPORARY TABLE member_of ON COMMIT DROP AS
    SELECT md5('member ' || n || '-' || k || '-' || p)::uuid AS id, j.id AS junta_id, j.n, j.k, p,
        CASE p WHEN 1 THEN 'coordinador' WHEN 2 THEN 'secretario' ELSE
            CASE WHEN p < 6 THEN 'vocal' ELSE 'integrante' END END AS post,
        begins, ends, s.id AS opc_id, j.unit_id
    FROM junta j CROSS JOIN generate_series(1, :members) p JOIN staff s ON s.username = 'opc-' || n
    """,
    """
    INSERT INTO junta_member (id, junta_id, position, post, sex, since, until, designated_by,
        ended_on, end_reason, created_at, created_by)
    SELECT id, junta_id, p, post, CASE WHEN (n + k + p) % 5 < 3 THEN 'mujer' ELSE 'hombre' END,
        begins, CASE WHEN p % 4 = 0 THEN ends END,
        CASE p WHEN 1 THEN 'comisario' ELSE 'asamblea' END,
        CASE WHEN p = 12 AND n % 3 = 0 THEN begins + 90 END,
        CASE WHEN p = 12 AND n % 3 = 0 THEN 'mudanza' END, begins + time '15:00', opc_id
    FROM member_of ORDER BY unit_id, k, p
    """,
)

_LIVES = (
    """
    INSERT INTO junta_training (member_id, topic, held_on, recorded_at, recorded_by)
    SELECT id, (ARRAY['induccion', 'prevencion', 'uso_del_aplicativo'])[1 + p % 3],
        begins + 20, begins + 21 + time '15:00', opc_id
    FROM member_of WHERE p % 3 = 1 ORDER BY unit_id, k, p
    """,
    """
    INSERT INTO junta_event (junta_id, member_id, at, staff_id, event, details)
    SELECT junta_id, CASE WHEN event = 'member_added' THEN id END, begins + time '15:00' + p *
        interval '1 minute', opc_id, event, '{}'
    FROM member_of CROSS JOIN (VALUES ('registered'), ('member_added')) AS one (event)
    WHERE event = 'member_added' OR p = 1 ORDER BY unit_id, k, p, event DESC
    """,
    """
    INSERT INTO coordinator (id, junta_id, member_id, secret_hash, pin_hash, enrolled_at,
        valid_until, created_at, created_by, revoked_at, revoked_by, revoke_reason)
    SELECT md5(turn || id::text)::uuid, junta_id, id, sha256((turn || id::text)::bytea), '-',
        begins + turn + time '15:00', least(ends, :today + 90), begins + turn + time '14:55',
        opc_id,
        CASE turn WHEN 1 THEN begins + 2 + time '15:00' END, CASE turn WHEN 1 THEN opc_id END,
        CASE turn WHEN 1 THEN 'telefono_perdido' END
    FROM member_of CROSS JOIN (VALUES (1), (2)) AS one (turn)
    WHERE p = 1 AND (n + k) % 2 = 0 AND (turn = 2 OR n % 4 = 0)
    """,
)

_MEMBERS_BY_UNIT = """
    SELECT j.unit_id, array_agg(m.id ORDER BY m.junta_id, m.position) AS ids,
        array_agg(m.number ORDER BY m.junta_id, m.position) AS numbers
    FROM (SELECT *, row_number() OVER (ORDER BY junta_id, position) AS number FROM junta_member) m
    JOIN junta_vecinal j ON j.id = m.junta_id JOIN police_unit u ON u.id = j.unit_id
    WHERE u.code LIKE :only GROUP BY j.unit_id ORDER BY j.unit_id
"""
_UNREADABLE = """
    INSERT INTO vault.member (id, unit_id, sealed, key_version, document_index,
        document_index_version, created_at)
    SELECT m.id, j.unit_id, decode(repeat('00', 220), 'hex'), 1, sha256(m.id::text::bytea), 1,
        m.created_at
    FROM junta_member m JOIN junta_vecinal j ON j.id = m.junta_id
    WHERE NOT EXISTS (SELECT FROM vault.member known WHERE known.id = m.id)
"""
