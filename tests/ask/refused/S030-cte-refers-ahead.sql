WITH a AS (SELECT identifiers FROM count_active_users), count_active_users AS (SELECT 1 AS identifiers) SELECT identifiers FROM a
