WITH 1 AS x SELECT x, n FROM page_visit
