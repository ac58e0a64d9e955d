SELECT n FROM merge('default', '.*')
