SELECT sum(n), avg(n), min(n), max(n), any(page), median(n), uniq(page), uniqExact(page), count(DISTINCT page), sumIf(n, page = '/'), countIf(page = '/') FROM page_visit
