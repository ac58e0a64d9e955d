SELECT COLUMNS('.*') FROM page_visit
