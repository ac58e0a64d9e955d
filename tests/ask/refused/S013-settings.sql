SELECT * FROM page_visit SETTINGS max_threads = 64
