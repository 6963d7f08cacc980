"""The grammar of routing scripts as data files; read through `importlib.resources`."""
