SELECT 1 FROM page_visit GROUP BY (SELECT count() FROM tally)
