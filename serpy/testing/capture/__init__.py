"""From a capture of what passed a server to a flow file."""
