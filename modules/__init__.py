"""The script modules, one folder for each `loadmodule` name."""

if __name__ == "modules":
    raise ImportError("import serpy.modules, not modules: the folder is part of the package serpy")
