"""One backend, one process, its own interpreter.

``client`` is the parent's side, ``serve`` the child's, ``wire`` what passes between them;
``bootstrap.py`` is the script that the child's interpreter starts with.
"""
