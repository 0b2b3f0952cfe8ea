"""The writer process: commits what came in while the server talks to providers and screens.

Python uses one core at a time, and storing a message costs more than receiving it; so it gets a second core.  The child
(``__main__``) is given one batch after the other over its standard input and answers each on its standard output.  It
ends when its input does, so it never outlives the server.  When it dies, what it had in hand is not certain to be
stored: the provider is told so (503), comes again, and the keys of what was stored make that harmless.
"""
