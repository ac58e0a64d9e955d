SELECT tuple(*) FROM page_visit
