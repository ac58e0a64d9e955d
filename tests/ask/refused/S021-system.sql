SELECT * FROM system.tables
