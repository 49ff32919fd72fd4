"""The command line, on the top floor: `groqtape VERB [PATHS…]`. A module for each verb, and what they share.

A module of a verb has `declare`, which tells the parser what it takes, and `command`, which runs it. It is
imported when the verb is called. Only this folder imports argcomplete and rich.
"""
