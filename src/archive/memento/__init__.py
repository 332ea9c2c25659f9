"""Replay of captures: addresses with a time in them, TimeMaps, and pages made safe to show again.

All of it is pure text in, text out; `archive.web.memento` serves it. The protocol is RFC 7089 (Memento).
"""
