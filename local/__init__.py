"""The laptop stack: the same template.yaml on an emulator, with stand-ins for everybody whom Watchkeeper talks to."""
