SELECT toStartOfInterval(hour, INTERVAL 1 DAY) AS d, sum(n) FROM page_visit GROUP BY d
