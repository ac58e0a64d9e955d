SELECT sum(n) OVER (PARTITION BY (SELECT count() FROM tally)) FROM page_visit
