"""Floor 4, the wire: which calls are recorded or replayed, how requests are matched, pace and hosts.

This is the only floor that patches. It works without pytest, and prints nothing.
"""
