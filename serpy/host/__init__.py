"""One running server: the only package that knows sockets and the event loop."""
