SELECT count() FROM active_users WHERE identifiers < 5 OR identifiers = 2
