-- A junta of the comisaría of the earlier rows that came by a file, with what hangs on it.
INSERT INTO padron_import (id, unit_id, staff_id, file_name, state, work_state, created_at) VALUES
('00000000-0000-4000-8000-000000000081', (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 (SELECT id FROM staff WHERE username = 'operador.prueba'), 'padron.xlsx', 'revisada', 'done', now());
INSERT INTO padron_problem (import_id, row, cell, "column", message) VALUES
('00000000-0000-4000-8000-000000000081', 14, 'F14', 'numero_documento', 'Tiene 7 cifras');
INSERT INTO padron_row (import_id, row, unit_id, junta_code, member_id, junta, member) VALUES
('00000000-0000-4000-8000-000000000081', 2, (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 'JV-002', '00000000-0000-4000-8000-000000000084', '{}', '{}');

INSERT INTO junta_vecinal (id, unit_id, code, name, scope, geom, area_source, valid_until,
    created_at, import_id) VALUES
('00000000-0000-4000-8000-000000000082', (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 'JV-001', 'Junta de prueba', 'manzana',
 ST_Multi(ST_MakeEnvelope(-77.14, -12.06, -77.13, -12.05, 4326)), 'dibujada', '2028-01-01', now(),
 '00000000-0000-4000-8000-000000000081');
INSERT INTO junta_term (junta_id, act, recognised_on, valid_from, valid_until, recorded_at) VALUES
('00000000-0000-4000-8000-000000000082', 'Acta 1', '2026-01-02', '2026-01-02', '2028-01-01', now());
INSERT INTO junta_member (id, junta_id, position, post, sex, since, designated_by, created_at) VALUES
('00000000-0000-4000-8000-000000000083', '00000000-0000-4000-8000-000000000082', 1, 'coordinador',
 'mujer', '2026-01-02', 'comisario', now());
INSERT INTO junta_training (member_id, topic, held_on, recorded_at, recorded_by) VALUES
('00000000-0000-4000-8000-000000000083', 'prevencion', '2026-02-01', now(),
 (SELECT id FROM staff WHERE username = 'operador.prueba'));
INSERT INTO junta_event (junta_id, member_id, at, staff_id, event) VALUES
('00000000-0000-4000-8000-000000000082', '00000000-0000-4000-8000-000000000083', now(),
 (SELECT id FROM staff WHERE username = 'operador.prueba'), 'member_added');
INSERT INTO padron_seat (unit_id, seat, staff_id) VALUES
((SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), 1,
 (SELECT id FROM staff WHERE username = 'operador.prueba'));
INSERT INTO coordinator (id, junta_id, member_id, valid_until, created_at, created_by) VALUES
('00000000-0000-4000-8000-000000000085', '00000000-0000-4000-8000-000000000082',
 '00000000-0000-4000-8000-000000000083', '2027-01-01', now(),
 (SELECT id FROM staff WHERE username = 'operador.prueba'));
INSERT INTO padron_export (id, unit_id, format, reason, rows, state, asked_at, asked_by) VALUES
('00000000-0000-4000-8000-000000000086', (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 'xlsx', 'reunion', 60, 'pedida', now(), (SELECT id FROM staff WHERE username = 'operador.prueba'));
INSERT INTO informe (id, junta_id, report_id, kind, source, told_on) VALUES
('00000000-0000-4000-8000-000000000087', '00000000-0000-4000-8000-000000000082', NULL, 'delito',
 'vecino', '2026-11-01');
INSERT INTO junta_confirmation (junta_id, day, cell, categoria) VALUES
('00000000-0000-4000-8000-000000000082', '2026-11-20', '898e62c5d2bffff', 'robo');
