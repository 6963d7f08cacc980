"""`serpy trace`: one message on its way through a script, in the world of flow files."""
