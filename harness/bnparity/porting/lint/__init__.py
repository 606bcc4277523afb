"""Mistakes of porting that show in source: Python is read, never run.

``names`` says what a name in a file stands for, ``constructors`` which BatchNorm that is and
``source`` holds a file with the calls in it. A rule of ``rules`` looks at one file; ``check`` runs
the rules over many, ``mend`` applies what they would write, and ``text`` and ``machine`` tell it.
"""
