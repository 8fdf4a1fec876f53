"""What a base knows as a whole: groups of records, their names, how they grow, what is missing.

Needs the extra `analysis`. pandas is imported with this package; what takes seconds (umap-learn,
scikit-learn, pyarrow, matplotlib) by the function that needs it.
"""

from lessonbase.analysis.extra import needs_extra

with needs_extra("the analysis"):
    from lessonbase.analysis.clusters import Clustering, cluster
    from lessonbase.analysis.frames import Experience, experience, outcomes, recalls
    from lessonbase.analysis.growth import growth, per_month
    from lessonbase.analysis.naming import Name, names
    from lessonbase.analysis.placing import Placed, place
    from lessonbase.analysis.projection import project
    from lessonbase.analysis.quality import Stability, silhouette, stability

__all__ = [
    "Clustering",
    "Experience",
    "Name",
    "Placed",
    "Stability",
    "cluster",
    "experience",
    "growth",
    "names",
    "outcomes",
    "per_month",
    "place",
    "project",
    "recalls",
    "silhouette",
    "stability",
]
