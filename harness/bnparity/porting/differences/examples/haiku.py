# Haiku
import haiku as hk
import jax
import numpy as np

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
function = hk.transform_with_state(
    lambda x, is_training: hk.BatchNorm(True, True, 0.8, eps=1e-3, data_format="NC...")(
        x, is_training
    )
)
parameters, state = function.init(jax.random.key(0), x, is_training=True)
output, state = function.apply(parameters, state, None, x, is_training=True)
inferred, _ = function.apply(parameters, state, None, x, is_training=False)
output, inferred = np.asarray(output), np.asarray(inferred)
running_mean = np.asarray(state["batch_norm/~/mean_ema"]["average"]).ravel()
running_var = np.asarray(state["batch_norm/~/var_ema"]["average"]).ravel()

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
