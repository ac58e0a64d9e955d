SELECT sleep(3) FROM page_visit
