"""`python -m groqtape`: the command line."""

from groqtape.cli.entry import main

if __name__ == "__main__":  # processes that the command starts import this too
    main()
