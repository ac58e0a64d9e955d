SELECT toYYYYMM(hour) AS m, sum(n) FROM page_visit GROUP BY m
