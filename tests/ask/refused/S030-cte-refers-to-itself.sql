WITH count_active_users AS (SELECT identifiers FROM count_active_users) SELECT identifiers FROM count_active_users
