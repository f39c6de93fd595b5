"""Candidates times folds, trained as a population of threads: what `PopulationSearchCV` consists of."""
