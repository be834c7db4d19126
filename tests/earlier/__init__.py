"""What earlier versions left on people's disks and in their links: a folder a version, which never changes."""
