SELECT 1 FROM (SELECT n AS tables FROM page_visit) AS system WHERE 1 IN (system.tables)
