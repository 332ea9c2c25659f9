"""How much is answered: a stated number of requests a sender, and no more at once than the machine can do.

Reading order: `policies` (which limit a request falls under), `counting` (429 and the fields that tell a
reader in advance), `keys` (who is let off), `gates` (503 before a queue grows).
"""

from archive.web.limits.counting import Counting, init

__all__ = ["Counting", "init"]
