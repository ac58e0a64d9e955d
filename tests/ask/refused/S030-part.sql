SELECT _part FROM page_visit
