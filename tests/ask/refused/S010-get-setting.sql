SELECT getSetting('readonly') FROM page_visit
