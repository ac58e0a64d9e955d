SELECT n FROM page_visit WHERE EXISTS (SELECT 1 FROM system.tables)
