"""What documents say of the two APIs, as claims that are measured on whatever layers there are.

``claim`` says what a claim is, ``subject`` drives and judges layers for it; the modules of measures
(``parameters``, ``modes``, ``values``, ``examples``) know how a kind of statement is measured; the
pages (``page_1d`` to ``announced``) quote the documents, statement by statement.
"""
