SELECT page, arraySum(mapValues(seconds)) AS visits, mapKeys(seconds), seconds[3] FROM page_visit
