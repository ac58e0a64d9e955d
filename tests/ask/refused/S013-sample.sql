SELECT n FROM page_visit SAMPLE 0.1
