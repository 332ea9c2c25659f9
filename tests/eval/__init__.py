"""How good the archive is, measured against truth."""
