"""The command line, on the top floor: `groqtape VERB [PATHS…]`. A module for each verb, and what they share.

Only this folder imports click and rich. A verb's module is imported when it is called.
"""
