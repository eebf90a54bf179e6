"""`make demo`: the whole plant live, with a story and its proof."""
