"""serpy runs the routing scripts of SIP Express Router (SER) in Python."""

from pathlib import Path as _Path

__version__ = "0.1.0"

# In a checkout `modules` and `grammar` stand beside this package; in a wheel they are inside it.
# Either way they are imported as `serpy.modules` and `serpy.grammar`.
_here = _Path(__file__).resolve().parent
if not (_here / "modules").is_dir():
    __path__.append(str(_here.parent))
