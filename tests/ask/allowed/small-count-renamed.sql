SELECT x FROM (SELECT identifiers AS x FROM active_users)
