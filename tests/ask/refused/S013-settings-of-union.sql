(SELECT n FROM page_visit) UNION ALL (SELECT n FROM page_visit) SETTINGS readonly = 0
