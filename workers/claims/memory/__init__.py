"""The known claims of a story, and the vectors by which they are found."""
