SELECT * FROM file('/etc/passwd')
