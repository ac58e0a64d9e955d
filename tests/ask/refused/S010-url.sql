SELECT * FROM url('http://192.0.2.1/')
