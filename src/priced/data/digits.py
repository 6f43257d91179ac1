"""Handwritten digits, small enough to be bundled."""

import numpy as np
from sklearn.datasets import load_digits

from priced.data.album import Album, Decoded
from priced.data.images import Images


class Digits(Images):
    """1,797 handwritten digits of 8 x 8 pixels in 17 shades; a fifth is the test part.

    Batches are `(x, y)`: x (B, 1, 8, 8) float32, y (B,) int64 in 0..9.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, 1998, as bundled with scikit-learn.
    """

    def open(self) -> Album:
        """Take the bundled copy."""
        bunch = load_digits()
        self.class_names = [str(name) for name in bunch.target_names]
        pixels = bunch.images[:, None].astype(np.uint8)
        labels = bunch.target.astype(np.int64)
        return Album(Decoded(pixels), labels, np.full(len(labels), Album.OPEN, np.int8))
