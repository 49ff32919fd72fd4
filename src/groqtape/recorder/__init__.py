"""Floor 4, the wire: which calls are recorded or replayed, how requests are matched, pace and hosts.

The only floor that patches. It works without pytest, and prints nothing.
"""
