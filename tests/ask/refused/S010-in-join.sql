SELECT 1 FROM page_visit AS a JOIN session AS b ON a.n = file('x')
