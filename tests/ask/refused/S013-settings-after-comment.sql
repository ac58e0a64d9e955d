SELECT n FROM page_visit /* x */ SETTINGS /* y */ readonly = 0
