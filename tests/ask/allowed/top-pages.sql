SELECT page, sum(n) AS v FROM page_visit GROUP BY page ORDER BY v DESC LIMIT 5
