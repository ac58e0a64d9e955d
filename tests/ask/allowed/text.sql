SELECT concat(page, 'x'), page || 'x', lower(page), substring(page, 1, 2), length(page), trim(page), position(page, 'a'), startsWith(page, '/') FROM page_visit
