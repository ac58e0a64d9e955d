SELECT CASE WHEN n > 1 THEN 'a' ELSE 'b' END AS c, if(n > 1, 'a', 'b'), multiIf(n > 1, 1, 2) FROM page_visit
