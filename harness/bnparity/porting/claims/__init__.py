"""What documents say of the two APIs, as claims that are measured on whatever layers there are.

``claim`` says what a claim is, ``subject`` drives and judges layers for it; ``parameters``,
``modes``, ``values`` and ``examples`` know how a kind of statement is measured. ``pages`` quotes
the documents by topic, partly in the ``words`` that they share; ``measures`` says how a topic is
measured; ``catalogue`` makes claims of both.
"""
