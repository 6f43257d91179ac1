"""Any set of pictures of the Hugging Face hub."""

from priced.data.labelled import Labelled


class Hub(Labelled):
    """Pictures with a class each, by the names of two columns; `train` and `test` are its parts.

    See `Labelled`. Sets of texts are read by `data=text_csv data.hub=<name>`, tables by
    `data=hub_table`.
    """
