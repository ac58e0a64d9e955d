SELECT n FROM page_visit WHERE page GLOBAL IN (SELECT page FROM page_visit)
