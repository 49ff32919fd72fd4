"""How fast groqtape is, beside the SDK alone and beside other recorders: `make bench`.

README.md says what is measured and how to add a contender.
"""
