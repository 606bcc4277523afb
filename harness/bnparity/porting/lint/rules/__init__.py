"""The rules, by what they are about: the momentum, eps, modes, training, shapes, state."""
