SELECT n FROM `default.tally`
