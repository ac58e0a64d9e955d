SELECT n FROM page_visit --
; DROP TABLE tally
