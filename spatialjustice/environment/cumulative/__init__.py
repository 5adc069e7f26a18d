"""Several burdens as one number, by the published rules of EJScreen and CalEnviroScreen."""
