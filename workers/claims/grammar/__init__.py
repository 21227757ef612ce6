"""The language of a text: tokens, sentences, phrases, tenses, times."""
