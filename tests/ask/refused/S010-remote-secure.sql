SELECT * FROM remoteSecure('192.0.2.1', 'a.b')
