SELECT n FROM page_visit LIMIT file('x')
