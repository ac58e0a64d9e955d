SELECT * FROM tally
