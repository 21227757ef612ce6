"""What is served over HTTP. The only door of aiohttp's server."""
