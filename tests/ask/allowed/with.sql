WITH a AS (SELECT page, n FROM page_visit) SELECT page, sum(n) FROM a GROUP BY page
