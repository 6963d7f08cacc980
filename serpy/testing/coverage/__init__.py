"""Coverage of scripts: which lines and branches of a cfg file the tests reached."""
