"""What a fix changes in the source: the edits are computed here, and rules only ask for them."""
