"""Text without input or output: bytes to characters, Vietnamese forms, dates."""
