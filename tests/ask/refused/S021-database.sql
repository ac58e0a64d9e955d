SELECT * FROM default.page_visit
