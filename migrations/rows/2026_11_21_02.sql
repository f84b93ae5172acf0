INSERT INTO risk_hexagon (cell, resolution, geom) VALUES
('898e62c0003ffff', 9, ST_MakeEnvelope(-8587000, -1354000, -8586900, -1353900, 3857));
INSERT INTO risk_cell (cell, capa, grupo, band, facts, score_at_reference) VALUES
('898e62c0003ffff', 'delito', 'robo', 'noche', 1, 0.5);
INSERT INTO risk_fact (report_id, capa, categoria, grupo, band, cell_7, cell_8, cell_9, zone,
    happened_at, verified_at, is_public) VALUES
('00000000-0000-4000-8000-000000000001', 'delito', 'robo', 'robo', 'noche', '878e62c00ffffff',
 '888e62c001fffff', '898e62c0003ffff', '070101', now(), now(), true);
INSERT INTO public_cell (cell, capa, cell_7, clase, resolution, geom) VALUES
('898e62c0003ffff', 'delito', '878e62c00ffffff', 1, 9,
 ST_MakeEnvelope(-8587000, -1354000, -8586900, -1353900, 3857));
INSERT INTO risk_publication (id, published_at, version) VALUES (1, now(), 'v1');
