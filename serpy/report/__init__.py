"""Findings as people and other programs read them. Nothing here knows the server."""
