SELECT n FROM page_visit WHERE _part = 'x'
