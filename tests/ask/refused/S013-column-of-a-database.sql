SELECT default.page_visit.n FROM page_visit
