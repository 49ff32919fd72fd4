"""Floor 2: what never leaves. Secrets are found and taken out of what is written, named or shown.

It works on requests, responses, texts and bytes in memory. It opens no file and imports no pytest.
"""
