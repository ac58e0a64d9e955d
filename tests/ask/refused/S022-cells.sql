SELECT n FROM fact_page_visit
