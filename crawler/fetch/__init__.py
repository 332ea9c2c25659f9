"""The only part that talks to servers, and the only user of `requests`."""

from crawler.fetch.addresses import Resolver, system_resolver
from crawler.fetch.fetcher import ACCEPT_PAGE, Answer, Fetcher, Request

__all__ = ["ACCEPT_PAGE", "Answer", "Fetcher", "Request", "Resolver", "system_resolver"]
