SELECT 1 FROM page_visit AS "a b"
