"""What an installed distribution has of BatchNorm, made a backend when it is asked for.

A file of a framework says where its layers are and nothing else; the adapters know how to call
them.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from typing import Any

from bnparity.backends.adapters import Adapted, adapted, told
from bnparity.backends.errors import UsageError, did_you_mean, not_imported
from bnparity.backends.missing import Missing


@dataclass(frozen=True, kw_only=True)
class Library:
    """What a distribution has of BatchNorm, by the variant that stands in brackets.

    ``ways`` make what is asked: a layer for an adapter, or a backend. The bare name's is ``""``.
    ``package`` is imported first, with the ``variables`` in the environment of its process unless
    they are set there; where it is missing, ``bnparity env create`` makes ``environment``.
    ``said`` are attributes of all of them, as an author would set them. A ``program`` that it calls
    is looked for before anything is asked, and a missing one told.
    """

    package: str
    environment: str
    ways: Mapping[str, Callable[[], Any]]
    variables: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    program: str = ""

    def backend(self, variant: str) -> Adapted | Missing:
        """Return the backend of one variant, or what says why it cannot be asked.

        Raises
        ------
        UsageError
            If it has no such variant.
        """
        variants = {name: None for name in self.ways if name}
        if variant not in self.ways:
            known = ", ".join(variants) or "none"
            hint = did_you_mean(variant, variants)
            raise UsageError(
                f"{variant!r} is not a variant of {self.package}: it has {known}{hint}"
            )
        for name, value in self.variables.items():
            os.environ.setdefault(name, value)
        try:
            import_module(self.package)
        except ImportError as error:
            return self._missing(error)
        if self.program and shutil.which(self.program) is None:
            reason = f"{self.package} calls {self.program}, which is not on the PATH: install it"
            return Missing(variants=variants, reason=reason)
        made = self.ways[variant]()
        found = made if isinstance(made, Adapted) else adapted(made, self.package, told(""), {})
        (distribution, *_) = packages_distributions()[self.package.partition(".")[0]]
        return replace(found, variants=variants, version=version(distribution), **self.said)

    def missing_here(self) -> Missing | None:
        """Return what says that its package is not installed here, None if it is."""
        root = self.package.partition(".")[0]
        missing = find_spec(root) is None
        return self._missing(ImportError(f"No module named {root!r}")) if missing else None

    def _missing(self, error: ImportError) -> Missing:
        remedy = f"make it an interpreter: bnparity env create {self.environment}"
        variants = {name: None for name in self.ways if name}
        return Missing(variants=variants, **not_imported(self.package, error, remedy))
