SELECT n FROM page_visit WHERE page IN (SELECT name FROM system.tables)
