SELECT n FROM page_visit WHERE page NOT IN (SELECT page FROM page_visit WHERE n > 3)
