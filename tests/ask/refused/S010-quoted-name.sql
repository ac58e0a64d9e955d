SELECT `file`('/etc/passwd') FROM page_visit
