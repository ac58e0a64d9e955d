(SELECT n FROM page_visit) SETTINGS readonly = 0
