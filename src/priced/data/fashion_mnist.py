"""Pictures of clothes in the format of MNIST, in the layout of the Hugging Face hub."""

from priced.data.labelled import Labelled


class FashionMNIST(Labelled):
    """70,000 clothes of 28 x 28 grey pixels; 10,000 are the test part. See `Labelled`.

    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
    Benchmarking Machine Learning Algorithms", 2017.
    """

    NAMES = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
