WITH a AS (SELECT app, identifiers FROM active_users) SELECT a.identifiers FROM a
