SELECT n FROM page_visit UNION ALL SELECT file('x')
