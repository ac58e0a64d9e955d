SELECT n FROM page_visit GROUP BY n HAVING (SELECT count() FROM tally) > 1
