INSERT INTO page_visit VALUES (1)
