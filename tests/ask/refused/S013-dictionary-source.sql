SELECT * FROM dictionary('a')
