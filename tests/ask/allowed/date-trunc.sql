SELECT date_trunc('day', hour) AS d, sum(n) FROM page_visit GROUP BY d
