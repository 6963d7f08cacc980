"""Running many flow files: which ones, in how many processes, and how their outcomes are told."""
