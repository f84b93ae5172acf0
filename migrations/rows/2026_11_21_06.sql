-- A queja against the comisaría of the earlier rows, and a denuncia with one person and papers.
UPDATE police_unit SET is_independent = true WHERE code = 'ESP-EXTORSION';
INSERT INTO queja_desk (unit_id, position) VALUES
((SELECT id FROM police_unit WHERE code = 'ESP-EXTORSION'), 1);

INSERT INTO report (id, numero, kind, categoria, is_sensible, is_reserved, priority, place_source,
    is_ongoing, received_at, updated_at, routing_rule, unit_id, clave_key_version, description,
    answer_by, remind_at) VALUES
('00000000-0000-4000-8000-000000000061', 'YA-0000-0061-0', 'queja', 'maltrato_policial', true,
 false, 3, 'referencia', false, now(), now(), 'queja',
 (SELECT id FROM police_unit WHERE code = 'ESP-EXTORSION'), 1, 'Texto de una queja',
 '2026-12-15', now()),
('00000000-0000-4000-8000-000000000062', 'YA-0000-0062-0', 'denuncia', 'perdida_documentos', false,
 true, 3, 'referencia', false, now(), now(), 'district',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), 1, repeat('Texto largo. ', 300),
 '2026-12-15', NULL);
INSERT INTO complaint_bar (report_id, unit_id, is_accused) VALUES
('00000000-0000-4000-8000-000000000061',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), true),
('00000000-0000-4000-8000-000000000061',
 (SELECT id FROM police_unit WHERE code = 'REG-CALLAO'), false);
INSERT INTO denuncia (report_id, datos, ratified_at, ratified_by) VALUES
('00000000-0000-4000-8000-000000000062', '{"asunto": "perdida_documentos"}', now(),
 (SELECT id FROM staff WHERE username = 'operador.prueba'));
INSERT INTO calificacion (report_id, codigo, at, staff_id) VALUES
('00000000-0000-4000-8000-000000000062', '010309', now(), NULL);
INSERT INTO case_person (id, report_id, role, position, label) VALUES
('00000000-0000-4000-8000-000000000071', '00000000-0000-4000-8000-000000000062', 'denunciante', 1,
 'Denunciante');
INSERT INTO constancia (report_id, payload, key_version, issued_at) VALUES
('00000000-0000-4000-8000-000000000062', 'YA1', 1, now());
INSERT INTO opening_review (opening_id, staff_id, at, verdict) VALUES
(1, (SELECT id FROM staff WHERE username = 'operador.prueba'), now(), 'justificada');
