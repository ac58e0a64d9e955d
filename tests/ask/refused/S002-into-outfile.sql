SELECT * FROM page_visit INTO OUTFILE 'x'
