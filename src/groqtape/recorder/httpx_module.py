"""The httpx whose classes groqtape's handlers use, as it was when they were imported.

A test may drop httpx from `sys.modules` and import it anew. Its classes are others then: see adapter.py.
"""

import httpx

__all__ = ["httpx"]
