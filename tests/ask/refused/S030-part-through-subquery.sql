SELECT x._part FROM (SELECT n FROM page_visit) AS x
