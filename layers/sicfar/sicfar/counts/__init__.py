"""What was counted, as text: records, batches, whole files summed. Shared by the gateway and the cloud."""
