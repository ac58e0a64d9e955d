SELECT sum(identifiers), max(identifiers), any(identifiers) FROM active_users
