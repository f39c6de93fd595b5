"""What estimators of pictures, sequences and text share: samples with a shape, and a network that is good untuned."""
