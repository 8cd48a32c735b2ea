# What the clients in Python ask for, as the typed inputs of the protocol.

import numpy as np

# Rock salt as numbers: conventional cell, 5.6402 Å.
sodium = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
chlorine = [[x + 0.5, y, z] for x, y, z in sodium]
NUMBERS = {
    "atoms": ("INT32", np.array([8], np.int32)),
    "numbers": ("INT64", np.array([11] * 4 + [17] * 4, np.int64)),
    "frac": ("FP32", np.array(sodium + chlorine, np.float32)),
    "lattice": ("FP64", np.array([np.diag([5.6402] * 3)], np.float64)),
}
