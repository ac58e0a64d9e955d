SELECT * FROM numbers(10)
