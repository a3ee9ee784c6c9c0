"""blogcorpus: blogs in, one SQLite corpus of clean, dated, identified posts out."""

__all__ = ["__version__"]

__version__ = "0.1.0"
