SELECT * APPLY(toString) FROM page_visit
