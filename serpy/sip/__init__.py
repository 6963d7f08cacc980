"""Bytes to messages and back. No sockets, no asyncio, no clock."""
