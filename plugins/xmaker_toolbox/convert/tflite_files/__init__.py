"""TensorFlow Lite's files: classifiers in 32 bits, as Teachable Machine and TensorFlow export them."""
