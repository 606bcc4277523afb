# Equinox
import equinox as eqx
import jax
import numpy as np

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
make = eqx.nn.make_with_state(eqx.nn.BatchNorm)
layer, state = make(3, axis_name="batch", eps=1e-3, momentum=0.8, mode="ema")
call = jax.vmap(layer, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
output, state = call(x, state)  # a new layer trains
output, (running_mean, running_var) = np.asarray(output), state.get(layer.ema_state_index)
running_mean, running_var = np.asarray(running_mean), np.asarray(running_var)
layer = eqx.nn.inference_mode(layer)
call = jax.vmap(layer, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
inferred = np.asarray(call(x, state)[0])

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
