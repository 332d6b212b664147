"""Make text from other sources safe: to show, to measure, to hand to a model, to name files with."""
