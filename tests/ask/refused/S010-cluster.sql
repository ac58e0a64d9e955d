SELECT n FROM cluster('default', 'default', 'tally')
