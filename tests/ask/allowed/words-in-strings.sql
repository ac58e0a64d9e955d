SELECT 'a\\', 'it''s', '; DROP TABLE tally --', 'FORMAT', 'ключ' FROM page_visit
