SELECT * EXCEPT (page) FROM page_visit
