"""The whole way, from the command line through a real WordPress to SQL."""
