"""The command line: the composition root, and the one room that may import everything, workers too."""
