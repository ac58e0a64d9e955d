SET readonly = 0
