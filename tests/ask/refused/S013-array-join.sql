SELECT n FROM page_visit ARRAY JOIN mapKeys(seconds) AS b
