"""What differs between two BatchNorms, as a page: signatures, defaults, meaning, and conversion.

``side`` says which BatchNorm a name means. ``asking`` has ``probe`` run in the interpreter where it
is installed: signature, version, and what the example of ``examples`` prints; ``judging`` holds
that to the oracle. ``parameters``, ``conventions`` and ``sections`` word what is known, in the
``blocks`` that ``markdown`` and ``html`` write.
"""
