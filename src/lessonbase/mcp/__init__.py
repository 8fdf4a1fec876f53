"""The way in for models: three tools, a resource and a prompt over the Model Context Protocol."""
