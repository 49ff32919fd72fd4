"""Floor 3, the file: the cassette's format, other recorders' formats, reading, writing and locking.

Everything here works on files and on vcrpy's dicts. Nothing here sends, answers or patches, and nothing knows
pytest.
"""
