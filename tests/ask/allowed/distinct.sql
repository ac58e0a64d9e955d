SELECT DISTINCT page FROM page_visit
