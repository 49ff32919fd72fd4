"""Floor 5: what recordings show. The facts of a cassette, its timing, and what changed, for people and pages.

It reads cassettes and prints nothing: the command line and the pytest plugin, on the floor above, do that.
"""
