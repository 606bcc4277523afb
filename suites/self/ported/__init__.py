"""Right kernels in the conventions of frameworks, written from what these document."""

from ported.kernel import PORTS as PORTS
