SELECT secret FROM page_visit
