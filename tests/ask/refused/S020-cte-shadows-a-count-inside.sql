SELECT x FROM (WITH active_users AS (SELECT 1 AS x) SELECT x FROM active_users)
