SELECT page_visit FROM page_visit
