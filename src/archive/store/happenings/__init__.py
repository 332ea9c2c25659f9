"""Events, people's offices and places as read out of the articles: derived rows, made anew from them at will.

Only corrections are people's own facts: they are kept, and applied whenever an article is read again.
"""
