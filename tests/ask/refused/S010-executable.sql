SELECT * FROM executable('ls', TSV, 'x String')
