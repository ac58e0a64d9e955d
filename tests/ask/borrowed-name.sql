SELECT x.identifiers FROM (WITH count_active_users AS (SELECT 1 AS identifiers) SELECT identifiers FROM count_active_users) AS y, count_active_users AS x
