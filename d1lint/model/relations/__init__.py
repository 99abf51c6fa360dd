"""What is wrong about relations: ends that are missing, keys that differ, an API that is gone."""
