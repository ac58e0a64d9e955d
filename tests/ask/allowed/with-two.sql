WITH a AS (SELECT page, n FROM page_visit), b AS (SELECT page, n FROM a WHERE n > 1) SELECT x.page, sum(b.n) FROM a AS x JOIN b ON x.page = b.page GROUP BY x.page
