"""How fast groqtape is, beside the SDK alone and beside other recorders: `make bench`.

See README.md for what is measured and how to add a contender.
"""
