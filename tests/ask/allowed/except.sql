SELECT n FROM page_visit EXCEPT SELECT n FROM crash
