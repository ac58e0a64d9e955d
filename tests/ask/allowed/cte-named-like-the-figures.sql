WITH count_active_users AS (SELECT 7 AS identifiers) SELECT identifiers FROM count_active_users
