SELECT @x FROM page_visit
