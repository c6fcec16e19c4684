"""What people and machines see of the watcher over HTTP: pages, REST, probes, and the ear for pushes."""
