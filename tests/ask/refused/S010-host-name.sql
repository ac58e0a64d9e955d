SELECT hostName() FROM page_visit
