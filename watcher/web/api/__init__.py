"""The REST interface under /api: the same verbs as the pages, as JSON."""
