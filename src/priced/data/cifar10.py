"""CIFAR-10, in the layout of the Hugging Face hub."""

from priced.data.labelled import Labelled


class CIFAR10(Labelled):
    """60,000 colour pictures of 32 x 32 pixels; 10,000 are the test part. See `Labelled`.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """

    NAMES = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
