SELECT CAST(n AS `UInt8, (SELECT 1 FROM tally)`) FROM page_visit
