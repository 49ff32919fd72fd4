"""For processes that tests start: httpcore imports trio where it is installed, for a sixth of their time."""

raise ImportError("no test in a process of its own needs it")
