SELECT (SELECT count() FROM system.tables) FROM page_visit
