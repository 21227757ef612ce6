"""When to look at a feed, how to look, and what was there. The only door of feedparser."""
