SELECT n FROM page_visit LIMIT (SELECT count() FROM tally)
