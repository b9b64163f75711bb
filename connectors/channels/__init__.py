"""What all channels outside the page share: splitting, rendering, and what they are asked to do."""
