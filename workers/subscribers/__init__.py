"""Whoever follows a story's events: the loop that a subscriber of your own runs in, and the subscribers we ship."""
