"""What runs in the learner's process: loaded file by file there, with nothing else of klteach."""
