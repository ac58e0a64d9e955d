SELECT p.* FROM page_visit AS p
