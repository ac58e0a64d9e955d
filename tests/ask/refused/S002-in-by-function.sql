SELECT in(1, system.tables) FROM page_visit
