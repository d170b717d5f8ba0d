"""The reports as HTML: a page for the class, and one for each learner."""
