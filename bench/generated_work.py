"""What accounts have done with their rosters, as statements; `bench.generated_juntas` runs them.

Two imports, of which one has wrong cells; two exports; and the trace of a year of pages.
"""

WORK = (
    """
    INSERT INTO padron_import (id, unit_id, staff_id, is_loader, file_name, state, rows_total,
        rows_done, rows_right, created_at, checked_at, applied_at, applied_by, work_state)
    SELECT md5('import ' || s.id || '-' || turn)::uuid, s.unit_id, s.id, s.username LIKE 'c%',
        'padron.xlsx', CASE turn WHEN 1 THEN 'aplicada' ELSE 'revisada' END, 84, 84, 79,
        now() - turn * interval '1 day', now() - turn * interval '1 day',
        CASE turn WHEN 1 THEN now() - interval '1 day' END, CASE turn WHEN 1 THEN s.id END, 'done'
    FROM staff s CROSS JOIN (VALUES (1), (2)) AS one (turn)
    WHERE username LIKE 'opc-%' OR username LIKE 'cargador-%'
    """,
    """
    INSERT INTO padron_problem (import_id, row, cell, "column", message)
    SELECT id, r, 'O' || r, 'numero_documento', 'Un DNI tiene ocho cifras.'
    FROM padron_import CROSS JOIN generate_series(3, 11, 2) r WHERE state = 'revisada'
    """,
    """
    INSERT INTO padron_export (id, unit_id, format, reason, rows, state, asked_at, asked_by,
        decided_at, decided_by, downloaded_at)
    SELECT md5('export ' || s.id || '-' || turn)::uuid, s.unit_id, 'xlsx', 'reunion', 70,
        'descargada', now() - interval '90 days', s.id, now() - interval '89 days', c.id,
        now() - interval '89 days'
    FROM staff s JOIN staff c ON c.unit_id = s.unit_id AND c.username LIKE 'comisario-%'
    CROSS JOIN (VALUES (1), (2)) AS one (turn) WHERE s.username LIKE 'opc-%'
    """,
    """
    INSERT INTO audit_entry (at, staff_id, action)
    SELECT now() - interval '365 days' * n / 60, s.id,
        CASE WHEN n % 5 = 0 THEN 'padron_names_read' ELSE 'padron_listed' END
    FROM generate_series(1, 60) n CROSS JOIN staff s ORDER BY n DESC
    """,
)
