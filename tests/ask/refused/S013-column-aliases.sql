SELECT a FROM page_visit AS p(a, b)
