SELECT n FROM page_visit GROUP BY n HAVING file('x') = 1
