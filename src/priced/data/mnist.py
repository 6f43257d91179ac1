"""The MNIST handwritten digits, in the layout of the Hugging Face hub."""

from priced.data.labelled import Labelled


class MNIST(Labelled):
    """70,000 handwritten digits of 28 x 28 grey pixels; 10,000 are the test part. See `Labelled`.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to
    Document Recognition", Proceedings of the IEEE 86(11), 1998.
    """
