SELECT toString((SELECT count() FROM tally)) FROM page_visit
