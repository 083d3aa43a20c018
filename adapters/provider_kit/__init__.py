"""What provider folders share: the manifest, the wire, signing, the simulator's frame."""
