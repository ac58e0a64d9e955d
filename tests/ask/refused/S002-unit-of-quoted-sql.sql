SELECT n FROM page_visit WHERE hour > now() - INTERVAL 1 `day, (SELECT 1 FROM tally)`
