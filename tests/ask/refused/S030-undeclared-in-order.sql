SELECT n FROM page_visit ORDER BY _part
