"""Search: the question as a neutral tree, engines behind one protocol, and the indexer that feeds them."""
