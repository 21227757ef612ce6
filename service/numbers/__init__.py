"""What is counted, how it is shown to Prometheus, and the page that explains it."""
