SELECT * FROM mergeTreeIndex('default', 'tally')
