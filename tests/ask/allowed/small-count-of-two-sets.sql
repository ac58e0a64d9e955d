SELECT a.start, a.identifiers, b.app, b.identifiers FROM active_users AS a JOIN active_users_by_app AS b ON a.start = b.start
