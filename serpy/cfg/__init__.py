"""Text to code: preprocess, parse, build, resolve, infer, lint, emit. No sockets, no asyncio."""
