WITH a AS (SELECT app, identifiers FROM active_users_by_app) SELECT a.identifiers FROM a
