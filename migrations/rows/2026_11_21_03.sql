INSERT INTO attachment (id, report_id, position, content_type, sha256, size_bytes, original_name,
    original_key, original_key_version, created_at) VALUES
(gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 1, 'image/jpeg', repeat('0', 64), 10,
 'ab000000000000000000000000000000', '\x01', 1, now());
