"""The persistent queue of a crawl: the only part of the crawler that speaks SQL."""

from crawler.frontier.failures import SiteFailure, failures
from crawler.frontier.queue import Frontier, Transaction
from crawler.frontier.revisit import SHORTEST
from crawler.frontier.values import Answered, Candidate, Entry, key_of, url_key

__all__ = [
    "SHORTEST",
    "Answered",
    "Candidate",
    "Entry",
    "Frontier",
    "SiteFailure",
    "Transaction",
    "failures",
    "key_of",
    "url_key",
]
