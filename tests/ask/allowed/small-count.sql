SELECT identifiers FROM active_users
