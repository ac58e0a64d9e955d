SELECT _block_number FROM page_visit
