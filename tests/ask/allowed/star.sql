SELECT * FROM active_users WHERE period = 'day'
