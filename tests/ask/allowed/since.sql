SELECT hour FROM page_visit WHERE hour >= toDateTime('2026-01-01 00:00:00')
