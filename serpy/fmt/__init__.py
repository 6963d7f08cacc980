"""`serpy fmt`: routing scripts in one canonical layout."""
