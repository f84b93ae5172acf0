-- Two identities, of which the first has a document and was opened once.
INSERT INTO vault.person (id, report_id, sealed, key_version, document_index,
    document_index_version, created_at) VALUES
('00000000-0000-4000-8000-000000000051', '00000000-0000-4000-8000-000000000001', '\x00', 1,
 '\x01', 1, now()),
('00000000-0000-4000-8000-000000000052', '00000000-0000-4000-8000-000000000001', '\x00', 1,
 NULL, NULL, now());
INSERT INTO vault.opening (person_id, report_id, staff_id, unit_id, reason, words, written_by) VALUES
('00000000-0000-4000-8000-000000000051', '00000000-0000-4000-8000-000000000001', 1, NULL,
 'diligencia', 'Citación', 1);
