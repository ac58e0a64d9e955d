SELECT page_visit.n, session.n FROM page_visit, session
