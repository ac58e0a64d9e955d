SELECT * REPLACE (file('x') AS page) FROM page_visit
