SELECT n FROM page_visit AS default
