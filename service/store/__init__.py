"""Every key, every script, the embedded server: the only door of Redis."""
