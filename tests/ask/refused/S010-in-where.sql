SELECT n FROM page_visit WHERE n IN (SELECT file('x'))
