SELECT _part_offset FROM page_visit
