SELECT dictGet('a', 'b', 1)
