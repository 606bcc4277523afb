"""Commands of the command line that are worth a file, and what all of them leave behind."""
