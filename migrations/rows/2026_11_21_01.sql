-- One plausible row for each table of the first schema; deploy/check_migrations.py stores them
-- at this revision, so that every later migration meets a database with rows.
INSERT INTO district (ubigeo, ubigeo_reniec, name, province, department, geom, source) VALUES
('070101', '240101', 'Callao', 'Callao', 'Callao',
 ST_Multi(ST_MakeEnvelope(-77.16, -12.08, -77.10, -12.02, 4326)), 'prueba');

INSERT INTO police_unit (code, parent_id, kind, name, ubigeo, point, valid_from, source) VALUES
('REG-CALLAO', NULL, 'region', 'Región Policial Callao', NULL, NULL, '2026-01-01', 'prueba');
INSERT INTO police_unit (code, parent_id, kind, name, ubigeo, point, valid_from, source) VALUES
('CIA-CALLAO', (SELECT id FROM police_unit WHERE code = 'REG-CALLAO'), 'comisaria', 'Callao',
 '070101', ST_SetSRID(ST_MakePoint(-77.14, -12.06), 4326), '2026-01-01', 'prueba'),
('ESP-EXTORSION', (SELECT id FROM police_unit WHERE code = 'REG-CALLAO'), 'especializada',
 'Extorsiones', NULL, NULL, '2026-01-01', 'prueba');

INSERT INTO jurisdiction (unit_id, geom, source, is_provisional, valid_from) VALUES
((SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 ST_Multi(ST_MakeEnvelope(-77.16, -12.08, -77.10, -12.02, 4326)), 'voronoi', true, '2026-01-01');

INSERT INTO staff (username, display_name, password, fs_uniquifier, unit_id) VALUES
('operador.prueba', 'Operador de prueba', 'x', 'uniquifier-1',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'));
INSERT INTO staff_role (staff_id, role_id) VALUES
((SELECT id FROM staff WHERE username = 'operador.prueba'),
 (SELECT id FROM role WHERE name = 'operador'));

INSERT INTO report (id, numero, kind, categoria, is_sensible, priority, place_source, point,
    is_ongoing, received_at, updated_at, routing_rule, unit_id, jurisdiction_id, clave_key_version,
    description) VALUES
('00000000-0000-4000-8000-000000000001', 'YA-0000-0001-0', 'alerta', 'robo', false, 1, 'gps',
 ST_SetSRID(ST_MakePoint(-77.14, -12.06), 4326), true, now(), now(), 'poligono',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), (SELECT id FROM jurisdiction), 1,
 'Texto con ñ y ''comillas'''),
('00000000-0000-4000-8000-000000000002', 'YA-0000-0002-0', 'alerta', 'extorsion', true, 1, 'celda',
 NULL, false, now(), now(), 'especializada',
 (SELECT id FROM police_unit WHERE code = 'ESP-EXTORSION'), NULL, 1, '');

INSERT INTO history_entry (report_id, at, event, state, unit_id, staff_id) VALUES
('00000000-0000-4000-8000-000000000001', now(), 'recibido', 'received',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), NULL);
INSERT INTO message (report_id, at, author, staff_id, text) VALUES
('00000000-0000-4000-8000-000000000001', now(), 'comisaria',
 (SELECT id FROM staff WHERE username = 'operador.prueba'), 'Va una patrulla.');
INSERT INTO report_task (report_id, step, queue) VALUES
('00000000-0000-4000-8000-000000000001', 'moderate', 'urgente');
INSERT INTO glimpse (report_id, unit_id, reason, since) VALUES
('00000000-0000-4000-8000-000000000001',
 (SELECT id FROM police_unit WHERE code = 'SIN-JURISDICCION'), 'vecina', now());
INSERT INTO idempotency_record (key_hash, content_hash, report_id, created_at) VALUES
('\x01', '\x02', '00000000-0000-4000-8000-000000000001', now());

INSERT INTO unit_channel (unit_id, kind, address, sealed_secret, secret_key_version) VALUES
((SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), 'correo', 'mesa@ejemplo.gob.pe', NULL, NULL),
((SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), 'webhook', 'https://ejemplo.gob.pe/x', '\x01', 1);
INSERT INTO envio (id, report_id, unit_id, channel, purpose, handover, queue, unit_channel_id, created_at)
SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', unit_id, kind, 'entrega', 0,
    'urgente', id, now() FROM unit_channel;
INSERT INTO envio (id, report_id, unit_id, channel, purpose, handover, queue, created_at) VALUES
(gen_random_uuid(), '00000000-0000-4000-8000-000000000001',
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), 'mesa', 'entrega', 0, 'urgente', now());

INSERT INTO desk_heartbeat (unit_id, seen_at) VALUES
((SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'), now());
INSERT INTO audit_entry (action, staff_id, report_id) VALUES
('leer_caso', (SELECT id FROM staff WHERE username = 'operador.prueba'),
 '00000000-0000-4000-8000-000000000001');
INSERT INTO switch (name, is_on, changed_at) VALUES ('limits_lifted', false, now());
