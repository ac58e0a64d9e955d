SELECT * FROM `system`.`tables`
