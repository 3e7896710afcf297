"""Shell completion: what may follow on a command line, and the scripts of each shell."""
