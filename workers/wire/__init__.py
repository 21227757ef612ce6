"""Wire copy: which texts are one text, and which passages of a copy are new. Pure: no I/O, no clock."""
