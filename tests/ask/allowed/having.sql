SELECT page, sum(n) AS v FROM page_visit GROUP BY page HAVING v > 1
