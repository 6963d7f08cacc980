"""Flow files: a scenario typed by hand, and beside it everything that the server did, recorded and compared.

From text to verdict: `document` takes the file apart, `head` and `steps` say what its lines mean, `messages` and
`peers` make what phones send, `world` lets it happen (with `impair`, `database`, `tables`, `waiting`), `record` writes
down what the server did, `compare` holds that against the recording, `run` gives the verdict.
"""
