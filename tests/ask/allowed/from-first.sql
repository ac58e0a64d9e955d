FROM page_visit SELECT n
