SELECT n FROM page_visit /* 
