SELECT n AS `a"b` FROM page_visit
