"""What a compiled script works on: the call, the core's own commands, variables."""
