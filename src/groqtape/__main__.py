"""`python -m groqtape`: the command line."""

from groqtape.cli.entry import main

main()
