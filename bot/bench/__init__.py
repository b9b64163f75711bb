"""`bangban bench`: measured on this machine, in this run, against the limits and the named peers."""
