SELECT 0x1F FROM page_visit
