SELECT toDate(hour) AS day, sumMap(seconds) FROM page_visit GROUP BY day
