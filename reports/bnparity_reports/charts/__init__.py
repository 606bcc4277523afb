"""Charts: Vega-Lite specifications of what the results hold, drawn when the page is made.

A static SVG needs no script in the page, prints, scales and can be selected; its colours are the
page's own variables, so that it is dark where the page is. Each is shown beside its numbers.
"""
