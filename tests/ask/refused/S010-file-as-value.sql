SELECT file('/etc/passwd')
