WITH page_visit AS (SELECT 1 AS n) SELECT n FROM page_visit
