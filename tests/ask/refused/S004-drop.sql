DROP TABLE fact_page_visit
