"""Detectors of MMDetection, and so of MMEdu, described anew in plain PyTorch: a checkpoint is read without either of the two.

Each network is a function of its weights and a picture (`ssd.py`, `yolo.py`, `rcnn.py`); its numbers that are not weights, such
as the sizes of anchors, are read from the configuration in the checkpoint (`settings.py`).
"""
