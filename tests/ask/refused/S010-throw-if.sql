SELECT throwIf(n > 1) FROM page_visit
