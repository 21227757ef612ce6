"""Story files and the matcher of aliases. Pure; workers use it too."""
