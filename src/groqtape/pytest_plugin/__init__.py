"""Floor 5, a face: options, fixtures, hooks and what pytest's terminal shows.

It wires the floors below to pytest. How calls are recorded, matched or redacted does not belong here.
"""
