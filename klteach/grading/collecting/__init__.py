"""What was handed in, in files, folders and archives of any platform; and whose it is."""
