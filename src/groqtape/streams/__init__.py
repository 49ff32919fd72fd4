"""Floor 1, plain facts: a chunk, a stream, tool calls, usage.

What lives here knows the `groq` SDK's types and nothing of files or recording. No pytest, vcrpy or httpx.
"""
