"""Captures by address and time: `/web/…`, `/timemap/…`, and the finder of old links `/tim`."""

from archive.web.memento.routes import bp

__all__ = ["bp"]
