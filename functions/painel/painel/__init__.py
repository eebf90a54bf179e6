"""The screens of the plant: pages that act as the person who is signed in, with that person's rights and no others."""
