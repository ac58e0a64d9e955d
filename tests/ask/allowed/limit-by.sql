SELECT page, n FROM page_visit ORDER BY n LIMIT 1 BY page
