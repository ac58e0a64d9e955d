SELECT n FROM page_visit PREWHERE n > 1
