SELECT page, status FROM page_visit JOIN session USING (hour)
