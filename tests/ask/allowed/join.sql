SELECT a.page FROM page_visit AS a JOIN session AS b ON a.hour = b.hour
