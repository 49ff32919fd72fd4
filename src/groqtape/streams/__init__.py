"""Floor 1: a chunk, a stream, tool calls and usage.

Modules here use the `groq` SDK's types. They open no file and import no pytest, vcrpy or httpx.
"""
