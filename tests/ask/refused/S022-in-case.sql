SELECT CASE WHEN (SELECT count() FROM tally) > 1 THEN 1 END FROM page_visit
