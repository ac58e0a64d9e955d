SELECT n AS tally FROM page_visit WHERE page IN tally
