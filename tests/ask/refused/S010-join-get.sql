SELECT joinGet('default.tally', 'n', 1) FROM page_visit
