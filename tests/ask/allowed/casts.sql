SELECT toString(n), toUInt64(n), n::Float64, CAST(n AS Int64), CAST(n AS String) FROM page_visit
