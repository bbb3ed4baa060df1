"""What the microphone and the speaker share: the sound library, WAV files, the rate of a sound. No plugin itself."""
