"""Scripts under test: the real server on a virtual clock and a simulated network."""
