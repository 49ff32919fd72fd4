"""Cassettes of other recorders, read as vcrpy's dict: plain data in, plain data out.

Each recorder has a module with a function for each way in which it writes a body; `translation` puts them
together. An interaction is recognised by its own form, not by its file's, so a file may mix them.
"""
