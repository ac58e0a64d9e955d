SELECT hour FROM page_visit WHERE hour >= now() - INTERVAL 7 DAY AND toDate(hour) <= today()
