"""Weak supervision: labeling functions vote, a label model weighs the votes, every row gets a
probabilistic label.

>>> import jurat
>>> lfs = jurat.LfSet.from_text('''
... spec: 1
... labels: [spam, ham]
... lfs:
...   - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
...   - {name: thanks, label: ham, when: {keyword: [thanks]}}
... ''')
>>> votes = lfs.apply({"text": ["Subscribe now", "many thanks", "nothing"]})
>>> votes.to_numpy().tolist()
[[0, -1], [-1, 1], [-1, -1]]
"""

from ._functions import LabelingFunction, labeling_function
from ._jurat import (
    DataError,
    FitError,
    Fitted,
    Job,
    JuratError,
    Labeler,
    LabelMatrix,
    Labels,
    LfSet,
    ModelFileError,
    Notes,
    OutputError,
    PatternCounts,
    Report,
    Row,
    Run,
    SpecError,
    __version__,
)
from ._model import LabelModel, label_models

__all__ = [
    "DataError",
    "FitError",
    "Fitted",
    "Job",
    "JuratError",
    "LabelMatrix",
    "Labeler",
    "LabelModel",
    "LabelingFunction",
    "Labels",
    "LfSet",
    "ModelFileError",
    "Notes",
    "OutputError",
    "PatternCounts",
    "Report",
    "Row",
    "Run",
    "SpecError",
    "__version__",
    "label_models",
    "labeling_function",
]
