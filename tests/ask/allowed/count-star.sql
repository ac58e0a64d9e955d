SELECT count(*) FROM page_visit
