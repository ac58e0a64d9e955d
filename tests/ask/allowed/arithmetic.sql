SELECT n / 2, n % 2, -n, intDiv(n, 2), round(n / 3, 2), abs(n), sqrt(n), greatest(n, 2) FROM page_visit
