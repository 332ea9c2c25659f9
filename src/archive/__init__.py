"""The archive: what it knows of a page, how it keeps it, finds it and shows it."""

__version__ = "0.1.0"
