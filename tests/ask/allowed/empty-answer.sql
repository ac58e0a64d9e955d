SELECT page, n FROM page_visit WHERE n > 1000000
