"""Running the service: one supervised process tree, the embedded Redis, the web server, logs."""
