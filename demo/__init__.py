"""The demo clinic: plainly synthetic people whose lives hang together, made by the functions that the pages use."""
