SELECT n FROM (SELECT n FROM page_visit SETTINGS max_threads = 64)
