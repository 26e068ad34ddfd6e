"""What makes labels of votes."""

from .baselines import MajorityClassVoter, MajorityLabelVoter, RandomVoter
from .label_model import LabelModel

__all__ = ["LabelModel", "MajorityClassVoter", "MajorityLabelVoter", "RandomVoter"]
