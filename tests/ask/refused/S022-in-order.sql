SELECT n FROM page_visit ORDER BY (SELECT count() FROM tally)
