"""AWS as the functions use it: clients, queues, objects of the bucket and their notifications."""
