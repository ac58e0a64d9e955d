SELECT n AS `a\\`, 1 AS ` FROM count_active_users --` FROM page_visit
