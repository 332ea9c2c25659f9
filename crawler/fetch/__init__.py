"""The only part that talks to servers, and the only user of `requests`."""

from crawler.fetch.addresses import Resolver, system_resolver
from crawler.fetch.fetcher import Answer, Fetcher, Request

__all__ = ["Answer", "Fetcher", "Request", "Resolver", "system_resolver"]
