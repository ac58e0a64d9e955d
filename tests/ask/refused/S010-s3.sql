SELECT * FROM s3('http://192.0.2.1/x')
