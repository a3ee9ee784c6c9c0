"""The client against servers that misbehave on purpose; all of them on 127.0.0.1."""
