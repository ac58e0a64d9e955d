SELECT whole FROM active_users
