SELECT $$abc$$ FROM page_visit
