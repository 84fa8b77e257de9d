"""What proves that Siaga 112 works: a folder for each package, and `live` on a real Asterisk."""
