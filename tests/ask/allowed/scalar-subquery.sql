SELECT n, (SELECT max(n) FROM crash) AS most FROM page_visit
