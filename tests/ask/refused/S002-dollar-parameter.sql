SELECT $1 FROM page_visit
