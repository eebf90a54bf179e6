"""The plant-side half: sources → spool → shipper. Counting happens here, adding in the cloud."""
