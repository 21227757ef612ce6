"""The board: the stories as pages for people. Server-rendered; it works without JavaScript and lives with it."""
