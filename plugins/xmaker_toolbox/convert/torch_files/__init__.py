"""What PyTorch wrote: state dicts of MMEdu, timm and torchvision, whole modules, TorchScript, BaseNN's files."""
