SELECT n FROM page_visit WHERE page IN ('/', '/cart') AND n BETWEEN 1 AND 30 AND page IS NOT NULL AND NOT page LIKE '%x'
