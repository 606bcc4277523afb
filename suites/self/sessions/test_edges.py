"""Fixed questions at the edges, each answered in a word."""

from bnparity.backends import parse
from bnparity.sessions import edges_of


def test_accurate_kernel_survives_every_mean_that_its_format_allows() -> None:
    """Deviations of float32 are lost beyond a mean of 1e7 of them; torch's convention refuses."""
    answers = edges_of(parse("numpy"))
    assert answers["mean/std survived"] == "1e7"
    assert answers["one value"] == "refused"
    assert answers["no variance"] == "finite"
    assert "output 1 of 3" in answers["NaN in one channel"]
    assert answers["eps above 1"] == "finite"
    assert answers["parameters in float64"] == "taken"
    assert answers["statistics of no size"] == "refused"


def test_unavailable_backend_has_no_answers() -> None:
    """What cannot be asked is not guessed."""
    assert edges_of(parse("torch==0.0.1")) == {}
