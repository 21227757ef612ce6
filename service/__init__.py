"""The ingester: feeds in, articles admitted to their stories' streams; and everything that both sides share."""
