"""What a researcher takes out of a corpus. Reads it, never writes to it.

- `choice`   which posts are meant: by a search, by a group of sources
- `feeds`    posts as a feed for feed readers: Atom, JSON Feed
"""
