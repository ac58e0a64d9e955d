SELECT n /* SETTINGS max_threads = 9 */ FROM page_visit -- FORMAT JSON
