SELECT arrayMap(x -> x, [1]) FROM page_visit
