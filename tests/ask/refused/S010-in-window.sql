SELECT sum(n) OVER (ORDER BY file('x')) FROM page_visit
