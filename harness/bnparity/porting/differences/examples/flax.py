# Flax
import jax
import numpy as np
from flax import linen

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
layer = linen.BatchNorm(axis=1, epsilon=1e-3, momentum=0.8)
state = layer.init(jax.random.key(0), x, use_running_average=False)
output, new = layer.apply(state, x, use_running_average=False, mutable=["batch_stats"])
kept = new["batch_stats"]
output, running_mean, running_var = map(np.asarray, (output, kept["mean"], kept["var"]))
inferred = np.asarray(layer.apply({**state, **new}, x, use_running_average=True))

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
