"""Every measure that `lessonbase eval` reports, by name, and what it means."""

from typing import Final

# Own questions have an answer in the set; unanswerable ones, and those of foreign sets, have none.
MEASURES: Final = {
    "ndcg@10": "nDCG of the first ten hits",
    "recall@10": "share of the relevant records among the first ten hits",
    "mrr@10": "1 / place of the first relevant hit, 0 beyond the tenth",
    "first_helps": "share of own questions whose first hit is judged relevant",
    "own_answered": "share of own questions that a recall answers at all",
    "unanswerable_answered": "share of unanswerable questions that a recall answers",
    "foreign_answered": "share of foreign questions that a recall answers, mean of their sets",
    "auroc": "how well the best relevance tells own questions from all others; 0.5 is chance",
    "ece": "how far the relevance of the first hit is from the share judged relevant",
    "ece_5": "the same of the first five hits",
    "tokens": "mean tokens of the prompt block of a question that is answered",
    "ndcg@5": "nDCG of the five hits of a recall without a budget",
    "ndcg@5_shown": "nDCG of those that a recall within the budget shows",
}
