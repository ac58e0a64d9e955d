SELECT page, sum(n) AS n FROM page_visit GROUP BY page
