"""The results as one self-contained HTML page."""


def render(results):
    return ""
