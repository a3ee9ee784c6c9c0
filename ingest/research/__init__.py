"""What a researcher takes out of a corpus. Reads it, never writes to it.

- `choice`   which posts are meant: by a search, by a group of sources
- `feeds`    posts as a feed for feed readers: Atom, JSON Feed
- `similar`  more like this
- `stats`    how much there is of what, and what share a search has of it; `plot` draws it
"""
