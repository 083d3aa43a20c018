"""The command line. `grammar` holds the words (click and nothing else, so that help is quick); each
command is a class whose fields are what it needs and whose `__call__` does the work.
"""
