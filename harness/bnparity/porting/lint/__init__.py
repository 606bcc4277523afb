"""Mistakes of porting that show in source: Python is read, never run.

``names`` says what a name in a file stands for, and ``constructors``, beside this folder, which
BatchNorm that is; ``source`` holds a file with the calls in it. A rule of ``rules`` looks at one
file; ``check`` runs the rules over many, ``mend`` applies what they would write, and ``text`` and
``machine`` tell it.
"""
