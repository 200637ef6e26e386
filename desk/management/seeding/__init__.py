"""The demo clinic: plainly synthetic people with lives that hang together. Made by the same functions as the pages use."""
