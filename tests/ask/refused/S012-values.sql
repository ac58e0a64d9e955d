SELECT n FROM values('n Int8', 1)
