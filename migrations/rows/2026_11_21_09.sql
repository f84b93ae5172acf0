-- Who the member of the earlier rows is, and that somebody read it.
INSERT INTO vault.member (id, unit_id, sealed, key_version, document_index, document_index_version,
    created_at) VALUES
('00000000-0000-4000-8000-000000000083', (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 'sellado', 1, 'indice', 1, now());
INSERT INTO vault.reading (staff_id, unit_id, junta_id, member_ids, reason, written_by) VALUES
((SELECT id FROM staff WHERE username = 'operador.prueba'),
 (SELECT id FROM police_unit WHERE code = 'CIA-CALLAO'),
 '00000000-0000-4000-8000-000000000082', '{00000000-0000-4000-8000-000000000083}', 'reunion', 1);
