"""Keras's files, .keras and .h5: classifiers of pictures, also those that Keras 2 and Teachable Machine wrote.

Keras 3 builds them with PyTorch below, which records them as it does its own networks: no TensorFlow is needed.
"""
