WITH a AS (SELECT file('x') AS f) SELECT f FROM a
