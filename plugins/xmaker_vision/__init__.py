"""What models that look at pictures share: from a picture to a tensor, and from places there back. No plugin itself."""
