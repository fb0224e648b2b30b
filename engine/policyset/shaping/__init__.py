"""What the shape check works with: schemas, and misfits put into words."""
