SELECT page, sum(n) FROM page_visit GROUP BY page WITH ROLLUP
