SELECT n FROM page_visit WHERE page IN tally
