"""Floor 2: secrets are found, and redacted from what is written, named or shown.

Modules here work on requests, responses, texts and bytes in memory. They open no file and import no pytest.
"""
