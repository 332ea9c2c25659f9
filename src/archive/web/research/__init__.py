"""For research and for programs: exports, feeds, figures, and the JSON API."""
