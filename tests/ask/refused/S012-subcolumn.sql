SELECT seconds.keys FROM page_visit
