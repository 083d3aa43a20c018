"""Every word of the command line: groups, commands, options, help. Imports click and nothing
heavy: `cauri --help` must be there at once."""
