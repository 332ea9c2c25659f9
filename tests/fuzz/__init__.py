"""Input that nobody would write by hand, against everything that reads what strangers send.

`python -m tests.fuzz TARGET --minutes N` looks for as long as one likes; the default test run looks for some
seconds, always at the same cases. What was found is kept in `found/` and tried first, for ever.
"""
