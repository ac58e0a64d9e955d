SELECT toStartOfDay(hour) AS d, sum(n) FROM page_visit GROUP BY d ORDER BY d
