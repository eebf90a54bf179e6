"""The plant-side half: sources → spool → uploader. Counting happens here, adding in the cloud."""
